/** Numbers that were observed, counted by their size. */
export interface Tally {
  /** The upper bounds of the buckets, in order; the last bucket has none. */
  readonly bounds: readonly number[]
  /** How many are in each bucket and not in those before it: one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sum: number
  observe(value: number): void
}

/** Makes a tally with buckets that each go up to a bound and hold it, as those of Prometheus do. */
export function createTally(bounds: readonly number[]): Tally {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  let sum = 0
  return {
    bounds,
    counts,
    get sum() {
      return sum
    },
    observe(value) {
      let bucket = 0
      // Most are small: from the first bucket on is faster than halving.
      while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1
      counts[bucket] = (counts[bucket] ?? 0) + 1
      sum += value
    },
  }
}
