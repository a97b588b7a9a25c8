import type { FileProblem, Occurrence } from '../occurrence.ts'

/** Orders occurrences by file and place in it. */
export function byPlace(one: Occurrence, other: Occurrence): number {
  return (
    compare(one.file, other.file) ||
    one.range.start - other.range.start ||
    one.range.end - other.range.end ||
    compare(one.place, other.place)
  )
}

/** Orders problems by file and place in it. */
export function byPlaceOfProblem(one: FileProblem, other: FileProblem): number {
  return (
    compare(one.file, other.file) ||
    (one.line ?? 0) - (other.line ?? 0) ||
    (one.column ?? 0) - (other.column ?? 0)
  )
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
