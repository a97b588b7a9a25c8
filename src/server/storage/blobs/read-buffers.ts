/** Bytes of a buffer that is read into: fewer cost more calls, more fall out of the processor's cache. */
const bufferBytes = 512 * 1024

/** Pairs that are kept for the next reader. */
const maxSpare = 8

/** Pairs of buffers for whoever reads into one while the other is being sent. */
export class ReadBuffers {
  readonly #spare: (readonly [Buffer, Buffer])[] = []

  /** A pair that nobody else has until it is given back. */
  take(): readonly [Buffer, Buffer] {
    return this.#spare.pop() ?? [Buffer.allocUnsafeSlow(bufferBytes), Buffer.allocUnsafeSlow(bufferBytes)]
  }

  /** Takes a pair back of which nothing is being sent any more; one that is not given back is collected. */
  give(pair: readonly [Buffer, Buffer]): void {
    if (this.#spare.length < maxSpare) this.#spare.push(pair)
  }
}
