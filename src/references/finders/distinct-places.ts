import type { OccurrenceTarget } from '../occurrence.ts'

/** What has a place in a file. */
interface Placed {
  readonly place: string
  readonly target: OccurrenceTarget
}

/** Gives those of a place that name different images places of their own: `FROM:python` becomes `FROM:python:3.12`. */
export function withDistinctPlaces<One extends Placed>(all: readonly One[]): readonly One[] {
  const byPlace = Map.groupBy(all, ({ place }) => place)
  const shared = new Set(
    [...byPlace].filter(([, group]) => new Set(group.map(nameOf)).size > 1).map(([place]) => place),
  )
  return all.map((one) => (shared.has(one.place) ? { ...one, place: fullPlace(one) } : one))
}

function fullPlace({ place, target }: Placed): string {
  if (target.kind !== 'image') return place
  const { familiarName, familiar } = target.reference
  return place.endsWith(`:${familiarName}`)
    ? `${place.slice(0, -familiarName.length)}${familiar}`
    : `${place}:${familiar}`
}

function nameOf({ target }: Placed): string {
  return target.kind === 'image' ? target.reference.familiar : ''
}
