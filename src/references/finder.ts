import type { FileFindings } from './occurrence.ts'

/** Reads other files of the project, for what a file refers to: `.env`, a compose service's Dockerfile. */
export interface ProjectFiles {
  /** Gives the bytes; undefined where there is no such file, or it is outside the project. Paths from the root, with `/`. */
  read(path: string): Promise<Uint8Array | undefined>
}

/** What a finder is given. */
export interface FinderInput {
  /** Path from the project's root, with `/`. */
  readonly file: string
  /** Text of the file; it round-trips as UTF-8, or else its occurrences cannot be edited. */
  readonly text: string
  /** Whether `text` encodes to the very bytes of the file. */
  readonly isExact: boolean
  readonly files: ProjectFiles
  /** Paths of image fields in custom resources, by `kind` (`lading.yaml`, `lock.customResources`). */
  readonly customResources: readonly CustomResource[]
}

/** Where a kind of Kubernetes object that we do not know names images. */
export interface CustomResource {
  /** `apiVersion` without its version, or with it: `example.com`, `example.com/v1`; default: any. */
  readonly apiVersion?: string | undefined
  readonly kind: string
  /** Dotted, `[]` for each entry of a list: `spec.runners[].image`. */
  readonly paths: readonly string[]
}

/** Finds the images that one kind of file names. */
export interface Finder {
  /** As it is named to people: `dockerfile`, `compose`, `kubernetes`, `helm`, `kustomize`, `github-actions`, `gitlab-ci`, `bake`. */
  readonly name: string
  /** Whether the name alone says that a file may be of this kind. Cheap: it is asked for each file of a project. */
  mayBe(file: string): boolean
  /** Whether the bytes, scanned fast and not parsed, may name an image in this kind of file. */
  mayHold(text: string): boolean
  /** Undefined where the content shows that it is of another kind. */
  find(input: FinderInput): Promise<FileFindings | undefined>
}
