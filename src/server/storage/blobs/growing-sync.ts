import { fdatasync } from 'node:fs'
import { promisify } from 'node:util'

/** A file is synced whenever it has grown by as many bytes. */
export const syncedBytes: number = 8 * 1024 * 1024

/** Files of this process that are synced so at once: its thread pool serves every other file too. */
const maxAtOnce = 4

let atOnce = 0

/**
 * Brings a file to the disk while it grows, as far as the thread pool has time: a sync of 100 MB at the end would keep
 * processor and client waiting. It replaces no sync at the end.
 */
export class GrowingSync {
  readonly #descriptor: number
  #synced: number
  #running: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  /** @param descriptor Stays open until {@link settle} has resolved. */
  constructor(descriptor: number, end: number) {
    this.#descriptor = descriptor
    this.#synced = end
  }

  /**
   * What a sync failed with. The kernel tells this once and lets go of what it could not write, so from then on nobody
   * knows what of the whole file is on the disk, whatever a later sync says.
   */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** The file has grown to `end`. */
  grew(end: number): void {
    if (this.#running !== undefined || end - this.#synced < syncedBytes || atOnce >= maxAtOnce) return
    this.#synced = end
    this.#running = this.#sync()
  }

  /** Resolves when no sync is under way. */
  async settle(): Promise<void> {
    await this.#running
  }

  async #sync(): Promise<void> {
    atOnce++
    try {
      await dataSync(this.#descriptor)
    } catch (error) {
      this.#failure ??= { error }
    } finally {
      atOnce--
      this.#running = undefined
    }
  }
}

const dataSync = promisify(fdatasync)
