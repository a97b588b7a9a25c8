/** Options of {@link Turns}. */
export interface TurnsOptions {
  /** How many actions run at once. */
  readonly atOnce: number
  /** How many may wait in all. */
  readonly waiting: number
  /** How many of one client may wait. */
  readonly waitingPerClient: number
}

/** Why an action may not even wait. */
export type NoTurn = 'client-waits-too-often' | 'too-many-wait'

/**
 * Runs actions, so many at a time, and those of several clients in turn: who sends a flood of them waits behind himself
 * and nobody else.
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #waiting = new Map<string, (() => void)[]>()
  #waitingInAll = 0
  #running = 0

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** Gives what the action gives, or says why it was not run. */
  async run<Result>(
    client: string,
    action: () => Promise<Result>,
  ): Promise<{ readonly result: Result } | NoTurn> {
    if (this.#running >= this.#options.atOnce) {
      const own = this.#waiting.get(client) ?? []
      if (own.length >= this.#options.waitingPerClient) return 'client-waits-too-often'
      if (this.#waitingInAll >= this.#options.waiting) return 'too-many-wait'
      await this.#wait(client, own)
    } else {
      this.#running += 1
    }
    try {
      return { result: await action() }
    } finally {
      this.#handOn()
    }
  }

  async #wait(client: string, own: (() => void)[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    own.push(resolve)
    this.#waiting.set(client, own)
    this.#waitingInAll += 1
    await promise
  }

  /** Gives the place to the client who waits longest for his turn, and puts him behind the others. */
  #handOn(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#running -= 1
      return
    }
    const [client, own] = next
    const start = own.shift()
    this.#waiting.delete(client)
    if (own.length > 0) this.#waiting.set(client, own)
    this.#waitingInAll -= 1
    start?.()
  }
}
