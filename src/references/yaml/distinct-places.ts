import type { Occurrence } from '../occurrence.ts'

/** Gives places that name different images names of their own: `spec.image` becomes `spec.image:python:3.12`. */
export function withDistinctPlaces(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const named = Map.groupBy(occurrences, ({ file, place }) => `${file}\0${place}`)
  const shared = new Set(
    [...named.values()].flatMap((group) => (new Set(group.map(nameOf)).size > 1 ? group : [])),
  )
  return occurrences.map((one) => (shared.has(one) ? { ...one, place: `${one.place}:${nameOf(one)}` } : one))
}

function nameOf({ target, text }: Occurrence): string {
  if (target.kind !== 'image') return text
  const { reference } = target
  return reference.tag === undefined ? reference.familiarName : `${reference.familiarName}:${reference.tag}`
}
