/**
 * Does work once for all who ask for it at the same time.
 *
 * Whoever loses patience (his `signal`) leaves alone; the work itself is only ended when nobody waits for it any more.
 */
export class SharedWork<Result> {
  readonly #running = new Map<string, Flight<Result>>()

  /** Joins the work named `key`, or starts it. */
  async run(
    key: string,
    start: (signal: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    signal?.throwIfAborted()
    const flight = this.#running.get(key) ?? this.#start(key, start)
    flight.waiting += 1
    try {
      return await (signal === undefined ? flight.result : unlessAborted(flight.result, signal))
    } finally {
      flight.waiting -= 1
      if (flight.waiting === 0) await this.#end(key, flight, signal)
    }
  }

  /** Waits for the work's own cleaning up, too. */
  async #end(key: string, flight: Flight<Result>, signal: AbortSignal | undefined): Promise<void> {
    if (this.#running.get(key) === flight) this.#running.delete(key)
    flight.controller.abort(signal?.reason)
    await flight.result.then(ignore, ignore)
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<Result>): Flight<Result> {
    const controller = new AbortController()
    const result = start(controller.signal)
    const flight: Flight<Result> = { controller, result, waiting: 0 }
    this.#running.set(key, flight)
    const forget = (): void => {
      if (this.#running.get(key) === flight) this.#running.delete(key)
    }
    result.then(forget, forget)
    return flight
  }
}

interface Flight<Result> {
  readonly controller: AbortController
  readonly result: Promise<Result>
  waiting: number
}

function ignore(): void {}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
