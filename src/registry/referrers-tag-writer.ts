import type { Descriptor, Digest } from '../oci/index.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { addTaggedReferrers } from './referrers-tag.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { SharedWork } from './shared-work.ts'

/** Waits some milliseconds; rejects when the signal is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>

/** Referrers of one subject that are to be listed with one write. */
interface Batch {
  readonly number: number
  readonly referrers: Descriptor[]
}

/**
 * Lists referrers under the fallback tags of one repository: each subject's list is written by one at a time, with all
 * that came meanwhile.
 */
export class ReferrersTagWriter {
  readonly #endpoint: RepositoryEndpoint
  readonly #memory: ManifestMemory
  readonly #wait: Wait
  /** The last write of each subject's list that was begun. */
  readonly #last = new Map<Digest, Promise<void>>()
  /** Writes that may still be joined. */
  readonly #batches = new Map<Digest, Batch>()
  readonly #writes = new SharedWork<void>()
  #batchCount = 0

  constructor(endpoint: RepositoryEndpoint, memory: ManifestMemory, wait: Wait) {
    this.#endpoint = endpoint
    this.#memory = memory
    this.#wait = wait
  }

  /** Adds a referrer to its subject's list. @throws what {@link addTaggedReferrers} throws. */
  add(subject: Digest, referrer: Descriptor, signal: AbortSignal | undefined): Promise<void> {
    const batch = this.#batches.get(subject) ?? { number: (this.#batchCount += 1), referrers: [] }
    batch.referrers.push(referrer)
    this.#batches.set(subject, batch)
    return this.#writes.run(String(batch.number), (shared) => this.#write(subject, batch, shared), signal)
  }

  async #write(subject: Digest, batch: Batch, signal: AbortSignal): Promise<void> {
    const before = this.#last.get(subject)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(subject, promise)
    try {
      await before
      if (this.#batches.get(subject) === batch) this.#batches.delete(subject)
      const options = { signal, wait: this.#wait }
      await addTaggedReferrers(this.#endpoint, this.#memory, subject, batch.referrers, options)
    } finally {
      resolve()
      if (this.#last.get(subject) === promise) this.#last.delete(subject)
    }
  }
}
