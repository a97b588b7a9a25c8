import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { encodeTarHeader, tarEnd, tarPadding } from './encode-tar.ts'
import { DamagedArchiveError } from './errors.ts'
import type { TarBody, TarHeaderInit } from './types.ts'

/** One entry for {@link writeTar}. */
export interface TarSource {
  /** `size` may be left out where the body is in memory. */
  readonly header: TarHeaderInit
  readonly body?: TarBody
}

/**
 * The bytes of an archive of these entries; the same entries give the same bytes.
 *
 * @throws {DamagedArchiveError} when a body has another length than its header says.
 */
export async function* writeTar(
  entries: Iterable<TarSource> | AsyncIterable<TarSource>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { header, body } of entries) yield* encodeEntry(header, body)
  yield tarEnd
}

/** Writes an archive to a stream entry by entry, no faster than the stream takes it. One call at a time. */
export class TarWriter {
  readonly #stream: Writable

  constructor(stream: Writable) {
    this.#stream = stream
  }

  /**
   * Writes one entry. After an error the archive is of no use.
   *
   * @throws {DamagedArchiveError} when the body has another length than the header says.
   */
  async add(
    header: TarHeaderInit,
    body?: TarBody,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    for await (const chunk of encodeEntry(header, body)) {
      options.signal?.throwIfAborted()
      await write(this.#stream, chunk, options.signal)
    }
  }

  /** Writes the end of the archive, ends the stream, and waits until it has taken everything. */
  async end(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#stream.end(tarEnd)
    await finished(this.#stream, { readable: false, ...(options.signal && { signal: options.signal }) })
  }
}

async function* encodeEntry(
  header: TarHeaderInit,
  body: TarBody | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const size = header.size ?? (body instanceof Uint8Array ? body.length : 0)
  yield encodeTarHeader({ ...header, size })
  let written = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : (body ?? [])) {
    written += chunk.length
    if (written > size) break
    if (chunk.length > 0) yield chunk
  }
  if (written !== size) {
    throw new DamagedArchiveError(
      `Cannot write ${JSON.stringify(header.path)} to a tar archive: its body has ${written > size ? 'more' : written} bytes, its header says ${size}`,
    )
  }
  const padding = tarPadding(size)
  if (padding.length > 0) yield padding
}

async function write(stream: Writable, chunk: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  if (stream.errored !== null) throw stream.errored
  if (stream.destroyed) throw new Error('Cannot write to a stream that is closed')
  if (stream.write(chunk)) return
  const leave = new AbortController()
  const either = signal === undefined ? leave.signal : AbortSignal.any([signal, leave.signal])
  try {
    await Promise.race([
      once(stream, 'drain', { signal: either }),
      once(stream, 'close', { signal: either }).then(() => {
        throw stream.errored ?? new Error('The stream was closed before it had taken everything')
      }),
    ])
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    leave.abort()
  }
}
