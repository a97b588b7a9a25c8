import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { Fetcher, FetchOptions } from '../content/index.ts'
import { type Spool, spoolStream } from '../files/index.ts'
import type { Descriptor, Digest } from '../oci/index.ts'

/** A fetcher that asks another one once for each content, and keeps it in a temporary file until it is disposed of. */
export class KeptContent implements Fetcher, AsyncDisposable {
  readonly #fetcher: Fetcher
  readonly #directory: string
  readonly #kept = new Map<Digest, Promise<Spool>>()

  constructor(fetcher: Fetcher, directory: string) {
    this.#fetcher = fetcher
    this.#directory = directory
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    let keeping = this.#kept.get(descriptor.digest)
    if (keeping === undefined) this.#kept.set(descriptor.digest, (keeping = this.#keep(descriptor, options)))
    const { path } = await keeping
    const { start = 0, end } = options.range ?? {}
    return createReadStream(path, { start, ...(end === undefined ? {} : { end }), highWaterMark: 256 * 1024 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const spools = await Promise.allSettled(this.#kept.values())
    for (const spool of spools) if (spool.status === 'fulfilled') await spool.value.close()
  }

  async #keep(descriptor: Descriptor, { signal }: FetchOptions): Promise<Spool> {
    const stream = await this.#fetcher.fetch(descriptor, { signal })
    return spoolStream(stream, { directory: this.#directory, limit: descriptor.size, signal })
  }
}
