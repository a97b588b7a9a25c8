import type { Readable } from 'node:stream'

/** A body waits while as many bytes are collected. */
const maxCollectedBytes = 1024 * 1024

/** How a body came to its end. */
type Outcome = 'ended' | { readonly error: unknown }

/**
 * The chunks of a body in batches: while one is being written the next is collected, up to a bound.
 * When the body breaks off, what arrived is given first, and the error then.
 */
export class BodyBatches {
  readonly #body: Readable
  readonly #signal: AbortSignal
  #collected: Uint8Array[] = []
  #bytes = 0
  #outcome: Outcome | undefined
  #wake: (() => void) | undefined

  /** Listens to the body at once. Who makes one disposes of it. */
  constructor(body: Readable, signal: AbortSignal) {
    this.#body = body
    this.#signal = signal
    this.#outcome = outcomeBefore(body, signal)
    if (this.#outcome !== undefined) return
    signal.addEventListener('abort', this.#onAbort, { once: true })
    body.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
  }

  /** Waits until the body came to its end or more than `bytes` (at most 1 MiB) wait to be taken; says which. */
  async endsWithin(bytes: number): Promise<boolean> {
    while (this.#bytes <= bytes && this.#outcome === undefined) await this.#news()
    return this.#bytes <= bytes
  }

  /**
   * The next chunks, as many as there are; undefined after the end.
   *
   * @throws what the body broke off with, or the signal's reason.
   */
  async next(): Promise<Uint8Array[] | undefined> {
    while (this.#bytes === 0 && this.#outcome === undefined) await this.#news()
    if (this.#bytes > 0) return this.#take()
    if (this.#outcome === 'ended' || this.#outcome === undefined) return undefined
    throw this.#outcome.error
  }

  /** Leaves the body as it is: read to its end, or paused where an error left it. */
  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#body.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    if (this.#outcome !== 'ended') this.#body.pause()
    this.#body.off('error', this.#onError)
  }

  #news(): Promise<void> {
    const woken = Promise.withResolvers<void>()
    this.#wake = woken.resolve
    return woken.promise
  }

  #take(): Uint8Array[] {
    const batch = this.#collected
    if (this.#bytes >= maxCollectedBytes && this.#outcome === undefined) this.#body.resume()
    this.#collected = []
    this.#bytes = 0
    return batch
  }

  #finish(outcome: Outcome): void {
    this.#outcome ??= outcome
    this.#wake?.()
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#collected.push(chunk)
    this.#bytes += chunk.byteLength
    if (this.#bytes >= maxCollectedBytes) this.#body.pause()
    this.#wake?.()
  }

  readonly #onEnd = (): void => this.#finish('ended')
  readonly #onError = (error: unknown): void => this.#finish({ error })
  readonly #onClose = (): void => this.#finish({ error: closedEarly() })
  readonly #onAbort = (): void => this.#finish({ error: this.#signal.reason })
}

/** Of a body that gives nothing any more. */
function outcomeBefore(body: Readable, signal: AbortSignal): Outcome | undefined {
  if (signal.aborted) return { error: signal.reason }
  if (body.errored !== null) return { error: body.errored }
  if (body.readableEnded) return 'ended'
  return body.destroyed ? { error: closedEarly() } : undefined
}

function closedEarly(): Error {
  return new Error('The body was closed before its end')
}
