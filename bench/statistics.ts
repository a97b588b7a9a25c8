/** The middle of some numbers. @throws {RangeError} when there are none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle]
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing')
  return (lower + upper) / 2
}

/** How one series compares with another that was measured in the same rounds. */
export interface Ratio {
  /** Median of the rounds' ratios. */
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** Ratios round by round: both met the same moment of the machine. */
export function pairwiseRatio(ours: readonly number[], theirs: readonly number[]): Ratio {
  const ratios = ours.flatMap((own, round) => {
    const other = theirs[round]
    return other === undefined ? [] : [own / other]
  })
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
}
