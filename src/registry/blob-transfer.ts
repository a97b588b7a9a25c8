import { type ByteRange, NotFoundError, UnavailableError } from '../content/index.ts'
import { HttpConnectionError, type HttpResponse } from '../http/index.ts'
import type { Descriptor } from '../oci/index.ts'

/** How often a transfer may break off in turn without a byte having come. */
const mostFruitlessTries = 5
/** How often in all: a server that gives a byte a connection is no server. */
const mostResumptions = 1000

/** Asks for the bytes from `start` on; gives the answer, whatever its status. */
export type OpenBlob = (range: string | undefined) => Promise<{
  readonly response: HttpResponse
  readonly error: () => Promise<Error>
}>

/** Which bytes of a blob are wanted. */
export interface Wanted extends Required<Pick<ByteRange, 'start'>> {
  readonly end: number
  /** Nothing less than all was asked for: then more bytes than the descriptor says are passed on, to be noticed. */
  readonly whole: boolean
}

/** One transfer of a blob, from one place after the other. */
export class BlobTransfer {
  readonly #places: readonly OpenBlob[]
  readonly #registry: number
  readonly #descriptor: Descriptor
  readonly #wanted: Wanted
  readonly #signal: AbortSignal | undefined
  /** The place that bytes come from now. */
  #place = 0
  #response: HttpResponse | undefined

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
        this.#response = await openAt(open, position, this.#wanted)
        return this.#response
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

  /** Lets go of the answer, also when nobody ever read it. */
  close(): void {
    this.#response?.body.destroy()
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
