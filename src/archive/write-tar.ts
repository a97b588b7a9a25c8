import type { Writable } from 'node:stream'
import type { TarBody, TarHeaderInit } from './types.ts'

/** Writes a tar archive to a stream, entry by entry, as fast as the stream takes it. */
export class TarWriter {
  readonly #stream: Writable
  constructor(stream: Writable) {
    this.#stream = stream
  }

  /** Writes one entry; `header.size` must be the body's length (a Uint8Array gives it). */
  async add(
    header: TarHeaderInit,
    body?: TarBody,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    throw new Error(`not yet ${String(this.#stream)} ${header.path} ${String(body)} ${String(options)}`)
  }

  /** Writes the end of the archive and ends the stream; resolves when everything is taken. */
  async end(): Promise<void> {
    throw new Error('not yet')
  }
}

/** One entry for {@link writeTar}. */
export interface TarSource {
  readonly header: TarHeaderInit
  readonly body?: TarBody
}

/** The bytes of a whole archive of these entries. */
export async function* writeTar(
  entries: Iterable<TarSource> | AsyncIterable<TarSource>,
): AsyncGenerator<Uint8Array, void, undefined> {
  throw new Error(`not yet ${String(entries)}`)
}
