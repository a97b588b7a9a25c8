import type { Digest, Reference } from '../oci/index.ts'

/** Where an image is, or is to be. */
export type Location = RegistryLocation | FileLocation | DaemonLocation

/** An image, or with neither tag nor digest a whole repository, of a registry. */
export interface RegistryLocation {
  readonly kind: 'registry'
  readonly reference: Reference
  /** As it was written. */
  readonly text: string
}

/** A layout directory or an archive file. */
export interface FileLocation {
  readonly kind: 'oci' | 'oci-archive' | 'docker-archive'
  /** `-` is standard input or output, for archives. */
  readonly path: string
  /** A tag, or for docker-archive a reference; undefined: the only image there is. */
  readonly name?: string
  readonly digest?: Digest
  readonly text: string
}

/** An image of a Docker engine. */
export interface DaemonLocation {
  readonly kind: 'docker-daemon'
  /** A reference or an image id. */
  readonly name: string
  readonly text: string
}
