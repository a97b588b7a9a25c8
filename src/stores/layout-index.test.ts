import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LimitExceededError } from '../content/index.ts'
import { digestOf } from '../oci/index.ts'
import { forgetContent, forgetName, isCalled, listContent, nameContent } from './change-layout-index.ts'
import {
  emptyLayoutIndex,
  entryNames,
  layoutEntry,
  type LayoutIndex,
  parseLayoutIndex,
  serializeLayoutIndex,
} from './layout-index.ts'

const digests = ['a', 'b', 'c'].map((text) => digestOf(Buffer.from(text)))
const names = fc.constantFrom('v1', 'v2', 'latest', 'ü', '__proto__')
const descriptors = fc.record({
  mediaType: fc.constant('application/vnd.oci.image.manifest.v1+json'),
  digest: fc.constantFrom(...digests),
  size: fc.constant(7),
})
const tags = fc.array(fc.record({ name: names, descriptor: descriptors }), { maxLength: 12 })

function tagged(
  changes: readonly { name: string; descriptor: Parameters<typeof nameContent>[1] }[],
): LayoutIndex {
  return changes.reduce(
    (index, { name, descriptor }) => nameContent(index, descriptor, name).index,
    emptyLayoutIndex,
  )
}

describe('a layout index', () => {
  test('gives every name to what it was given to last', () => {
    fc.assert(
      fc.property(tags, (changes) => {
        const index = tagged(changes)
        const last = new Map(changes.map(({ name, descriptor }) => [name, descriptor.digest]))
        const found = new Map(index.entries.map((entry) => [entry.refName, entry.descriptor.digest]))
        expect(found).toEqual(last)
        expect(index.entries).toHaveLength(last.size)
      }),
    )
  })

  test('has the same bytes in whatever order its entries came, and is read back as it was', () => {
    fc.assert(
      fc.property(tags, (changes) => {
        const index = tagged(changes)
        const bytes = serializeLayoutIndex(index)
        expect(serializeLayoutIndex({ ...index, entries: index.entries.toReversed() })).toEqual(bytes)
        expect(serializeLayoutIndex(parseLayoutIndex(bytes, 'index.json'))).toEqual(bytes)
      }),
    )
  })

  test('says what a name was taken from only when nothing else lists it', () => {
    const [a, b] = digests.map((digest) => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      size: 1,
    }))
    if (a === undefined || b === undefined) throw new Error('no digests')
    const both = tagged([
      { name: 'v1', descriptor: a },
      { name: 'v2', descriptor: a },
    ])
    expect(nameContent(both, b, 'v1').displaced).toEqual([])
    const one = forgetName(both, 'v2').index
    expect(nameContent(one, b, 'v1').displaced.map(({ descriptor }) => descriptor)).toEqual([a])
  })

  test('lists content without a name once, and not beside a name', () => {
    fc.assert(
      fc.property(tags, descriptors, names, (changes, descriptor, name) => {
        const listed = listContent(listContent(tagged(changes), descriptor), descriptor)
        expect(listed.entries.filter((entry) => entryNames(entry).length === 0).length).toBeLessThanOrEqual(1)
        const named = nameContent(listed, descriptor, name).index
        const unnamed = named.entries.filter((entry) => entryNames(entry).length === 0)
        expect(unnamed.every((entry) => entry.descriptor.digest !== descriptor.digest)).toBe(true)
        expect(named.entries.filter((entry) => isCalled(entry, name))).toHaveLength(1)
      }),
    )
  })

  test('forgets content with every name of it, and stays itself when there is nothing to forget', () => {
    fc.assert(
      fc.property(tags, fc.constantFrom(...digests), (changes, digest) => {
        const index = tagged(changes)
        const after = forgetContent(index, digest)
        expect(after.entries.some((entry) => entry.descriptor.digest === digest)).toBe(false)
        expect(forgetContent(after, digest)).toBe(after)
      }),
    )
  })

  test('is not written when it could not be read again', () => {
    const [digest] = digests
    if (digest === undefined) throw new Error('no digests')
    const entry = layoutEntry({ mediaType: 'a/b', digest, size: 1 })
    const entries = Array.from({ length: 100_000 }, () => entry)
    const index = { ...emptyLayoutIndex, entries }
    expect(parseLayoutIndex(serializeLayoutIndex(index), 'index.json').entries).toHaveLength(100_000)
    expect(() => serializeLayoutIndex({ ...index, entries: [...entries, entry] })).toThrow(LimitExceededError)
    const large = layoutEntry({ mediaType: 'a/b', digest, size: 1 }, 'x'.repeat(33 * 1024 * 1024))
    expect(() => serializeLayoutIndex({ ...emptyLayoutIndex, entries: [large] })).toThrow(LimitExceededError)
  })

  test('is refused when it is nested too deep to be written again', () => {
    const text = `{"schemaVersion":2,"x":${'['.repeat(5000)}${']'.repeat(5000)},"manifests":[]}`
    const index = parseLayoutIndex(Buffer.from(text), 'index.json')
    expect(() => serializeLayoutIndex(index)).toThrow(/nested more than/)
  })
})
