import type { Measured } from './measure.ts'
import { formatTime, type Row } from './report.ts'
import { median, pairwiseRatio } from './statistics.ts'

/** A goal for a ratio: Lading's figure divided by the peer's may be at most this. */
export interface RatioGoal {
  readonly atMost: number
  /** Whether the goal holds against each peer, or only against the fastest; default `fastest`. */
  readonly against?: 'each' | 'fastest'
}

/**
 * Rows that hold the first series (Lading's) against each other one. Reached is a goal when the median is within it;
 * "within the spread" when only rounds were that lie within it.
 */
export function compare(
  work: string,
  measure: 'time' | 'CPU',
  [lading, ...peers]: readonly Measured[],
  goal?: RatioGoal,
): readonly Row[] {
  if (lading === undefined) return []
  const figures = ({ runs }: Measured): readonly number[] =>
    runs.map((run) => (measure === 'time' ? run.wall : run.cpu))
  const own = median(figures(lading))
  const fastest = Math.min(...peers.map((peer) => median(figures(peer))))
  const row = { work, measure, lading: formatTime(own) }
  if (peers.length === 0) return [{ ...row, peer: '', theirs: '', ratio: '', goal: '' }]
  return peers.map((peer) => {
    const theirs = median(figures(peer))
    const ratio = pairwiseRatio(figures(lading), figures(peer))
    const judged = goal !== undefined && (goal.against === 'each' || theirs === fastest)
    return {
      ...row,
      peer: peer.name,
      theirs: formatTime(theirs),
      ratio: `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)})`,
      goal: judged ? `≤ ${goal.atMost}: ${verdict(ratio, goal.atMost)}` : '',
    }
  })
}

function verdict(ratio: { readonly median: number; readonly lowest: number }, atMost: number): string {
  if (ratio.median <= atMost) return 'reached'
  return ratio.lowest <= atMost ? 'missed, within the spread' : 'missed'
}
