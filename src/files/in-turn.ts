/**
 * Runs one task at a time for each key, in the order of the calls.
 *
 * @param signal Ends the wait for the turn; the call rejects with its reason and the task never runs.
 */
export async function inTurn<Result>(
  key: string,
  signal: AbortSignal | undefined,
  task: () => Promise<Result>,
): Promise<Result> {
  const before = tails.get(key) ?? Promise.resolve()
  const done = Promise.withResolvers<void>()
  const tail = before.then(() => done.promise)
  tails.set(key, tail)
  try {
    await settledOrAborted(before, signal)
    return await task()
  } finally {
    done.resolve()
    if (tails.get(key) === tail) tails.delete(key)
  }
}

/** The end of each key's queue. None of these promises ever rejects. */
const tails = new Map<string, Promise<void>>()

async function settledOrAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
