import { DamagedContentError, NotFoundError, type OperationOptions } from '../../content/index.ts'
import { LadingError } from '../../errors/index.ts'
import { createDigester, type Digest, digestAlgorithm } from '../../oci/index.ts'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { ContentState } from './finding.ts'

/** A content as its record says it is. */
export interface ExpectedContent {
  /** In the blob store. */
  readonly key: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

/** Options of {@link ContentChecker.check}. */
export interface CheckContentOptions extends OperationOptions {
  /** Told how many more bytes were read. */
  readonly onBytes?: ((count: number) => void) | undefined
}

/** Reads stored contents and says whether they are what they should be. */
export interface ContentChecker {
  /** How many are worth being checked at a time. */
  readonly concurrency: number
  check(content: ExpectedContent, options?: CheckContentOptions): Promise<ContentState>
  close(): Promise<void>
}

/** Checks the contents of any blob store on the calling thread. */
export function createContentChecker(blobs: BlobStore): ContentChecker {
  return {
    concurrency: 2,
    async check({ key, digest, size }, { signal, onBytes } = {}) {
      const digester = createDigester(digestAlgorithm(digest))
      let seen = 0
      try {
        for await (const chunk of await blobs.read(key, { signal })) {
          if (!(chunk instanceof Uint8Array)) throw new TypeError('Cannot check what is no bytes')
          digester.update(chunk)
          seen += chunk.length
          onBytes?.(chunk.length)
        }
      } catch (error) {
        signal?.throwIfAborted()
        return stateOf(error)
      }
      if (seen !== size) return { state: 'size', actual: seen }
      const actual = digester.digest()
      return actual === digest ? { state: 'whole' } : { state: 'digest', actual }
    },
    async close() {},
  }
}

/** What an error says of a content's state. @throws what says nothing of it. */
function stateOf(error: unknown): ContentState {
  if (error instanceof NotFoundError) return { state: 'missing' }
  if (error instanceof LadingError && !(error instanceof DamagedContentError))
    return { state: 'unreadable', reason: error.message }
  if (error instanceof Error && 'syscall' in error) return { state: 'unreadable', reason: error.message }
  throw error
}
