import type { Row } from '../report.ts'
import { median, pairwiseRatio, type Ratio } from '../statistics.ts'

/** The figures of one contestant, in the order of the rounds. */
export interface Series {
  readonly name: string
  readonly figures: readonly number[]
}

/** How Lading's figure, divided by a peer's, shall be. */
export type RatioBound = { readonly atLeast: number } | { readonly atMost: number }

/** Options of {@link compareSeries}. */
export interface CompareOptions {
  readonly work: string
  readonly measure: string
  readonly format: (figure: number) => string
  /** By the peer's name; a peer without one is only shown. */
  readonly goals?: Readonly<Record<string, RatioBound>>
}

/** Rows that hold the first series (Lading's) against each other one. */
export function compareSeries(
  [lading, ...peers]: readonly Series[],
  { work, measure, format, goals = {} }: CompareOptions,
): readonly Row[] {
  if (lading === undefined) return []
  return peers.map((peer) => {
    const ratio = pairwiseRatio(lading.figures, peer.figures)
    const bound = goals[peer.name]
    return {
      work,
      measure,
      lading: format(median(lading.figures)),
      peer: peer.name,
      theirs: format(median(peer.figures)),
      ratio: `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)})`,
      goal: bound === undefined ? '' : verdict(ratio, bound),
    }
  })
}

function verdict(ratio: Ratio, bound: RatioBound): string {
  const [text, met] =
    'atLeast' in bound
      ? [`≥ ${bound.atLeast}`, (value: number) => value >= bound.atLeast]
      : [`≤ ${bound.atMost}`, (value: number) => value <= bound.atMost]
  if (met(ratio.median)) return `${text}: reached`
  return met(ratio.lowest) || met(ratio.highest) ? `${text}: missed, within the spread` : `${text}: missed`
}
