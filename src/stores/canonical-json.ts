import { DamagedContentError } from '../content/index.ts'
import { isJsonObject } from './json-object.ts'

const maxDepth = 64

/**
 * A JSON value as compact text, the members of objects in the order of `first` and then by name, so that
 * equal values always give equal bytes.
 *
 * @throws {DamagedContentError} when the value is nested more than 64 deep.
 */
export function canonicalJson(value: unknown, first: readonly string[] = []): string {
  return JSON.stringify(ordered(value, new Map(first.map((name, place) => [name, place])), 0))
}

function ordered(value: unknown, places: ReadonlyMap<string, number>, depth: number): unknown {
  if (depth > maxDepth)
    throw new DamagedContentError(`Cannot write JSON: it is nested more than ${maxDepth} deep`)
  if (Array.isArray(value)) return value.map((item: unknown) => ordered(item, places, depth + 1))
  if (!isJsonObject(value)) return value
  const place = (name: string): number => places.get(name) ?? places.size
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member, places, depth + 1)]),
  )
}
