import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { index, openRegistry, repository } from '../../../../test/fixtures/open-registry.ts'

const app = repository('team/app')
const empty = index([])

describe('tags and repositories', () => {
  it('are listed in byte order, page by page, each page with one query', async () => {
    const queries: string[] = []
    const { storage } = openRegistry({
      around: (records) => ({
        ...records,
        listKeys(options) {
          queries.push(options.prefix)
          return records.listKeys(options)
        },
      }),
    })
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,10}$/)
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(tag, { minLength: 1, maxLength: 20 }), tag, async (tags, after) => {
        for (const each of await storage.tags.list(app, { limit: 1000 })) await storage.tags.delete(app, each)
        await storage.manifests.put(app, { ...empty, tags })
        const sorted = tags.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
        expect(await storage.tags.list(app, { limit: 100 })).toEqual(sorted)
        queries.length = 0
        const later = sorted.filter((each) => Buffer.compare(Buffer.from(each), Buffer.from(after)) > 0)
        expect(await storage.tags.list(app, { limit: 5, after })).toEqual(later.slice(0, 5))
        expect(queries).toHaveLength(1)
      }),
      { numRuns: 30 },
    )
  })

  it('of a repository are not those of another whose name begins alike', async () => {
    const { storage } = openRegistry()
    for (const name of ['a', 'a/b', 'a-b', 'a.b', 'ab']) {
      await storage.manifests.put(repository(name), { ...empty, tags: [`of-${name.replace('/', '_')}`] })
    }
    expect(await storage.tags.list(repository('a'), { limit: 10 })).toEqual(['of-a'])
    expect(await storage.repositories.list({ limit: 10 })).toEqual(['a', 'a-b', 'a.b', 'a/b', 'ab'])
    expect(await storage.repositories.list({ limit: 2, after: 'a-b' })).toEqual(['a.b', 'a/b'])
    expect(await storage.repositories.exists(repository('a/b'))).toBe(true)
    expect(await storage.repositories.exists(repository('b'))).toBe(false)
    expect(await storage.tags.list(repository('b'), { limit: 10 })).toEqual([])
  })

  it('go alone: the manifest and its other tags stay', async () => {
    const { storage } = openRegistry()
    await storage.manifests.put(app, { ...empty, tags: ['v1', 'v2'] })
    expect(await storage.tags.delete(app, 'v1')).toBe(true)
    expect(await storage.tags.delete(app, 'v1')).toBe(false)
    expect(await storage.tags.get(app, 'v1')).toBeUndefined()
    expect(await storage.manifests.find(app, { tag: 'v2' })).toMatchObject({ digest: empty.digest })
    await storage.tags.delete(app, 'v2')
    expect(await storage.manifests.find(app, empty.digest)).toMatchObject({ digest: empty.digest })
  })

  it('count to what a repository uses: its blobs and manifests', async () => {
    const { storage } = openRegistry()
    expect(await storage.repositories.usage(app)).toBe(0)
    await storage.manifests.put(app, { ...empty, tags: ['v1'] })
    expect(await storage.repositories.usage(app)).toBe(empty.bytes.length)
  })
})
