/** Lets what concerns one key be done one after another in this process, in the order in which it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Does something when all that was asked for before with this key is over, well or not. */
  async take<Result>(key: string, act: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key)
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    this.#last.set(key, over)
    try {
      await before
      return await act()
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key)
      end()
    }
  }
}
