import { Readable } from 'node:stream'
import { type ByteRange, type FetchOptions, NotFoundError, UnavailableError } from '../content/index.ts'
import { HttpConnectionError, type HttpResponse } from '../http/index.ts'
import { type Descriptor, isForeignLayer } from '../oci/index.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** How often a transfer may break off in turn without a byte having come. */
const mostFruitlessTries = 5
/** How often in all: a server that gives a byte a connection is no server. */
const mostResumptions = 1000
const bufferedBytes = 256 * 1024

/** Options of {@link fetchBlob}. */
export interface FetchBlobOptions extends FetchOptions {
  /** Whether to follow the `urls` of foreign layers that the registry does not have. */
  readonly foreignLayers: boolean
}

/**
 * Opens a blob, or a part of it. Bytes come unverified. A transfer that breaks off is taken up again where it
 * stopped (GHCR is known for that), at the next place when one does not get on; the stream ends in an error when
 * none does.
 *
 * @param mirrors Where to ask first; what they do not give, the registry is asked for.
 * @throws {NotFoundError}
 */
export async function fetchBlob(
  endpoint: RepositoryEndpoint,
  mirrors: readonly RepositoryEndpoint[],
  descriptor: Descriptor,
  options: FetchBlobOptions,
): Promise<Readable> {
  const places = [
    ...mirrors.map((mirror) => registryBlob(mirror, descriptor, options)),
    registryBlob(endpoint, descriptor, options),
    ...foreignBlobs(endpoint, descriptor, options),
  ]
  const { size } = descriptor
  const start = options.range?.start ?? 0
  const end = Math.min(options.range?.end ?? size - 1, size - 1)
  if (options.range !== undefined && start > end) return Readable.from([], { objectMode: false })
  const wanted = { start, end, whole: options.range === undefined }
  const transfer = new BlobTransfer(places, mirrors.length, descriptor, wanted, options.signal)
  const first = await transfer.open(start)
  return Readable.from(transfer.bytes(first), { objectMode: false, highWaterMark: bufferedBytes })
}

/** Says whether a blob is there. */
export async function blobExists(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const doing = `look for ${descriptor.digest} at ${endpoint.display}`
  const response = await endpoint.request({
    doing,
    method: 'HEAD',
    to: `blobs/${descriptor.digest}`,
    actions: ['pull'],
    signal: options.signal,
  })
  await response.discard()
  if (response.status === 200) return true
  const error = await endpoint.error(response, doing)
  if (error instanceof NotFoundError) return false
  throw error
}

/** Asks for the bytes from `start` on; gives the answer, whatever its status. */
type OpenBlob = (range: string | undefined) => Promise<{
  readonly response: HttpResponse
  readonly error: () => Promise<Error>
}>

function registryBlob(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: FetchBlobOptions,
): OpenBlob {
  const doing = `fetch ${descriptor.digest} from ${endpoint.display}`
  return async (range) => {
    const response = await endpoint.request({
      doing,
      method: 'GET',
      to: `blobs/${descriptor.digest}`,
      headers: headersFor(range),
      actions: ['pull'],
      signal: options.signal,
    })
    return { response, error: () => endpoint.error(response, doing) }
  }
}

/** Where a foreign layer's publisher has it: other hosts, who get no credentials. */
function foreignBlobs(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: FetchBlobOptions,
): readonly OpenBlob[] {
  if (!options.foreignLayers || !isForeignLayer(descriptor.mediaType)) return []
  const urls = (descriptor.urls ?? []).filter((url) => URL.canParse(url) && /^https?:/i.test(url)).slice(0, 8)
  return urls.map((text) => async (range) => {
    const url = new URL(text)
    const doing = `fetch ${descriptor.digest} from ${url.host}`
    const response = await endpoint.host.requestElsewhere({
      doing,
      method: 'GET',
      to: url,
      headers: headersFor(range),
      signal: options.signal,
    })
    const error = async (): Promise<Error> => {
      await response.discard()
      const message = `Cannot ${doing}: it answered with status ${response.status}`
      return response.status === 404
        ? new NotFoundError(message)
        : new UnavailableError(message, { status: response.status })
    }
    return { response, error }
  })
}

function headersFor(range: string | undefined): Record<string, string> {
  // Storage behind a registry must not compress what is addressed by its digest.
  return { 'accept-encoding': 'identity', ...(range === undefined ? {} : { range }) }
}

interface Wanted extends Required<Pick<ByteRange, 'start'>> {
  readonly end: number
  /** Nothing less than all was asked for: then more bytes than the descriptor says are passed on, to be noticed. */
  readonly whole: boolean
}

/** One transfer, from one place after the other. */
class BlobTransfer {
  readonly #places: readonly OpenBlob[]
  readonly #registry: number
  readonly #descriptor: Descriptor
  readonly #wanted: Wanted
  readonly #signal: AbortSignal | undefined
  /** The place that bytes come from now. */
  #place = 0

  /** @param registry Which of the places is the registry: mirrors are before it, publishers behind. */
  constructor(
    places: readonly OpenBlob[],
    registry: number,
    descriptor: Descriptor,
    wanted: Wanted,
    signal: AbortSignal | undefined,
  ) {
    this.#places = places
    this.#registry = registry
    this.#descriptor = descriptor
    this.#wanted = wanted
    this.#signal = signal
  }

  /** Opens the blob at a position, at the present place or the next that has it. */
  async open(position: number): Promise<HttpResponse> {
    let missing: unknown
    for (; ; this.#place += 1) {
      const open = this.#places[this.#place]
      if (open === undefined) throw missing
      try {
        return await openAt(open, position, this.#wanted)
      } catch (error) {
        this.#signal?.throwIfAborted()
        const last = this.#place === this.#places.length - 1
        const isMirror = this.#place < this.#registry
        if (!isMirror && (last || !(error instanceof NotFoundError))) throw missing ?? error
        // Of all that is wrong, what the registry says is worth telling.
        if (this.#place === this.#registry) missing = error
      }
    }
  }

  async *bytes(first: HttpResponse): AsyncGenerator<Uint8Array, void> {
    let response = first
    let position = this.#wanted.start
    let fruitless = 0
    for (let resumptions = 0; ; resumptions += 1) {
      const before = position
      let broken: unknown
      try {
        for await (const chunk of partOf(response, position, this.#wanted)) {
          position += chunk.length
          yield chunk
        }
      } catch (error) {
        if (!(error instanceof HttpConnectionError)) throw error
        broken = error
      }
      if (position > this.#wanted.end) return
      this.#signal?.throwIfAborted()
      fruitless = position > before ? 0 : fruitless + 1
      if (fruitless === mostFruitlessTries || resumptions === mostResumptions) {
        if (this.#place >= this.#registry) throw this.#brokenOff(position, broken)
        this.#place += 1
        fruitless = 0
      }
      response = await this.open(position)
    }
  }

  #brokenOff(position: number, cause: unknown): UnavailableError {
    const { digest, size } = this.#descriptor
    return new UnavailableError(
      `Cannot fetch ${digest}: the transfer broke off after ${position} of ${size} bytes, again and again`,
      { cause },
    )
  }
}

/** Opens the blob so that its body begins at `position`, or at the start where the server knows no ranges. */
async function openAt(open: OpenBlob, position: number, wanted: Wanted): Promise<HttpResponse> {
  const toTheEnd = wanted.whole ? '' : String(wanted.end)
  const range = position === 0 && wanted.whole ? undefined : `bytes=${position}-${toTheEnd}`
  const { response, error } = await open(range)
  if (response.status === 200) return response
  if (response.status !== 206) throw await error()
  const from = /^bytes (\d+)-/.exec(response.header('content-range') ?? '')?.[1]
  if (from !== undefined && Number(from) === position) return response
  await response.discard()
  throw new UnavailableError(
    `Cannot fetch from byte ${position}: ${response.url.host} answered with another part (${JSON.stringify(from ?? 'none')})`,
    { status: response.status },
  )
}

/** What of an answer's body comes after `position` and is wanted. */
async function* partOf(
  response: HttpResponse,
  position: number,
  wanted: Wanted,
): AsyncGenerator<Uint8Array, void> {
  let at = response.status === 206 ? position : 0
  for await (const chunk of response.body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body must give bytes')
    const from = Math.max(position - at, 0)
    const to = wanted.whole ? chunk.length : Math.min(chunk.length, wanted.end + 1 - at)
    at += chunk.length
    if (from < to) yield from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to)
    if (!wanted.whole && at > wanted.end) return
  }
}
