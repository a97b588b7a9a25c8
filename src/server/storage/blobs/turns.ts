/**
 * Lets one piece of work run at a time, in the order of the calls; each call asks the one before it to end.
 * Work that must not end early does not look at its signal.
 */
export class Turns {
  readonly #reason: () => Error
  #last: { readonly interrupt: AbortController; readonly done: Promise<void> } | undefined

  /** @param reason What interrupted work rejects with. */
  constructor(reason: () => Error) {
    this.#reason = reason
  }

  /** Whether nothing runs or waits. */
  get idle(): boolean {
    return this.#last === undefined
  }

  async run<Result>(work: (interrupted: AbortSignal) => Promise<Result>): Promise<Result> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    const turn = { interrupt: new AbortController(), done: promise }
    this.#last = turn
    before?.interrupt.abort(this.#reason())
    try {
      await before?.done
      return await work(turn.interrupt.signal)
    } finally {
      resolve()
      if (this.#last === turn) this.#last = undefined
    }
  }
}
