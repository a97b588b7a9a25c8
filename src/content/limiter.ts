/** Runs actions, at most so many at a time, in the order they came. */
export interface Limiter {
  run<Result>(action: () => Promise<Result>): Promise<Result>
}

/** A limiter for `most` actions at a time. */
export function createLimiter(most: number): Limiter {
  let free = most
  const waiting: (() => void)[] = []

  return {
    async run(action) {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await action()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
