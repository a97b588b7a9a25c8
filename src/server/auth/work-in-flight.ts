/**
 * Does work once for all who ask for it at the same time. Whoever loses patience (his `signal`) leaves alone; the work
 * goes on, so it must come to an end by itself.
 */
export class WorkInFlight<Result> {
  readonly #running = new Map<string, Promise<Result>>()

  /** Joins the work named `key`, or starts it. */
  async run(key: string, start: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted()
    const work = this.#running.get(key) ?? this.#start(key, start)
    return signal === undefined ? work : unlessAborted(work, signal)
  }

  #start(key: string, start: () => Promise<Result>): Promise<Result> {
    const work = start()
    this.#running.set(key, work)
    const forget = (): void => void this.#running.delete(key)
    work.then(forget, forget)
    return work
  }
}

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
