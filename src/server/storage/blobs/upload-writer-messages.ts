import type { DigestAlgorithm } from '../../../oci/index.ts'

/** What a thread that writes uploads is asked; `file` numbers the upload, `request` the answer. */
export type WriterRequest = { readonly request: number; readonly file: number } & WriterTask

/** One thing to do with the file of an upload. A descriptor stays open until the answer is there. */
export type WriterTask =
  /** Begins to append at `position`: what stands before it is hashed first. Parts come in `buffer`. */
  | {
      readonly kind: 'open'
      readonly algorithm: DigestAlgorithm
      readonly descriptor: number
      readonly position: number
      readonly buffer: SharedArrayBuffer
    }
  /** Writes and hashes the bytes of the buffer from `start` on. */
  | { readonly kind: 'part'; readonly start: number; readonly length: number }
  /** Forgets what was hashed behind `size`: the file was cut there. */
  | { readonly kind: 'cut'; readonly size: number }
  /** Gives the digest of the first `size` bytes in hex, and reads what was not hashed yet. */
  | {
      readonly kind: 'digest'
      readonly algorithm: DigestAlgorithm
      readonly descriptor: number
      readonly size: number
    }
  /** Forgets the file. */
  | { readonly kind: 'forget' }
  /** Ends the reading for another request, which is answered with an error. */
  | { readonly kind: 'stop'; readonly stopped: number }

/** The answer to a request; `digest` is there for one that asked for it. */
export type WriterAnswer =
  | { readonly request: number; readonly digest?: string | undefined }
  | { readonly request: number; readonly error: WriterFailure }

/** An error as it passes between threads, which drop the properties of Node's own. */
export interface WriterFailure {
  readonly message: string
  /** `ENOSPC` and the like, of an error of the file system. */
  readonly code?: string | undefined
  readonly syscall?: string | undefined
}
