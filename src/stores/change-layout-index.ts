import type { Descriptor, Digest } from '../oci/index.ts'
import { entryNames, type LayoutEntry, layoutEntry, type LayoutIndex } from './layout-index.ts'

/** What an index becomes when an entry takes a name. */
export interface NamedIndex {
  readonly index: LayoutIndex
  /** What had the name before and stands under no other entry now. */
  readonly displaced: readonly LayoutEntry[]
}

/**
 * Lets a name point to content. An entry that has this name and content already stays as it is; entries of
 * other content that have the name go; an entry without a name for the same content becomes the named one.
 */
export function nameContent(index: LayoutIndex, descriptor: Descriptor, name: string): NamedIndex {
  const same = index.entries.find(
    (entry) => isCalled(entry, name) && entry.descriptor.digest === descriptor.digest,
  )
  const named = same ?? layoutEntry(descriptor, name)
  const kept = index.entries.filter(
    (entry) =>
      entry !== same &&
      !isCalled(entry, name) &&
      !(entryNames(entry).length === 0 && entry.descriptor.digest === descriptor.digest),
  )
  const entries = [...kept, named]
  return { index: { ...index, entries }, displaced: index.entries.filter((entry) => isGone(entry, entries)) }
}

/** Makes content reachable without a name, unless it is listed already. */
export function listContent(index: LayoutIndex, descriptor: Descriptor): LayoutIndex {
  if (index.entries.some((entry) => entry.descriptor.digest === descriptor.digest)) return index
  return { ...index, entries: [...index.entries, layoutEntry(descriptor)] }
}

/** Takes a name away, with its entry. */
export function forgetName(index: LayoutIndex, name: string): NamedIndex {
  const entries = index.entries.filter((entry) => !isCalled(entry, name))
  return { index: { ...index, entries }, displaced: index.entries.filter((entry) => isGone(entry, entries)) }
}

/** Takes every entry of some content away. */
export function forgetContent(index: LayoutIndex, digest: Digest): LayoutIndex {
  const entries = index.entries.filter((entry) => entry.descriptor.digest !== digest)
  return entries.length === index.entries.length ? index : { ...index, entries }
}

/** Says whether a name is one of the entry's. */
export function isCalled(entry: LayoutEntry, name: string): boolean {
  return entry.refName === name || entry.imageName === name
}

function isGone(entry: LayoutEntry, entries: readonly LayoutEntry[]): boolean {
  return !entries.some((other) => other.descriptor.digest === entry.descriptor.digest)
}
