import type { DigestAlgorithm } from '../../oci/index.ts'

/** A file to read. */
export interface HashRequest {
  /** Names the request in its answers. */
  readonly request: number
  readonly path: string
  readonly algorithm: DigestAlgorithm
  /** Bytes that it should have. */
  readonly size: number
}

/** What the thread says; after anything but `bytes` the request is done. */
export type HashAnswer =
  /** So many more bytes were read. */
  | { readonly kind: 'bytes'; readonly request: number; readonly count: number }
  | { readonly kind: 'hex'; readonly request: number; readonly hex: string }
  | { readonly kind: 'size'; readonly request: number; readonly actual: number }
  | { readonly kind: 'missing'; readonly request: number }
  | { readonly kind: 'failed'; readonly request: number; readonly reason: string }
