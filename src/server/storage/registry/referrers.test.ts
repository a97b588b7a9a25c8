import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { index, openRegistry, repository, subjectOf } from '../../../../test/fixtures/open-registry.ts'
import type { Digest } from '../../../oci/index.ts'
import type { RegistryStorage } from './registry-storage.ts'

const app = repository('team/app')
const subject = index([])

async function putReferrer(storage: RegistryStorage, name: string, artifactType: string): Promise<Digest> {
  const referrer = index([], { ...subjectOf(subject), artifactType, annotations: { name } })
  expect(await storage.manifests.put(app, { ...referrer, tags: [] })).toMatchObject({
    subject: subject.digest,
  })
  return referrer.digest
}

async function readAll(
  storage: RegistryStorage,
  limit: number,
  artifactType?: string,
): Promise<{ digests: Digest[]; pages: number }> {
  const digests: Digest[] = []
  let after: Digest | undefined
  for (let pages = 1; ; pages += 1) {
    const page = await storage.referrers.list(app, subject.digest, { limit, after, artifactType })
    expect(page.descriptors.length).toBeLessThanOrEqual(limit)
    digests.push(...page.descriptors.map(({ digest }) => digest))
    if (page.next === undefined) return { digests, pages }
    after = page.next
  }
}

/**
 * CVE-2023-33957, CVE-2024-29902: attachments without end, or without a bound of their size, took the memory of whoever
 * listed them. What is read for a page is bounded, whatever there is.
 */
describe('referrers', () => {
  it('of a subject that is missing are listed with artifact type and annotations', async () => {
    const { storage } = openRegistry()
    const digest = await putReferrer(storage, 'one', 'application/signature')
    const page = await storage.referrers.list(app, subject.digest, { limit: 10 })
    expect(page).toMatchObject({
      descriptors: [{ digest, artifactType: 'application/signature', annotations: { name: 'one' } }],
      next: undefined,
    })
    expect(await storage.referrers.list(repository('no/where'), subject.digest, { limit: 10 })).toEqual({
      descriptors: [],
      next: undefined,
    })
  })

  it('are all listed once in their order, whatever the pages and the filter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a/a', 'b/b', 'c/c'), { maxLength: 40 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(undefined, 'a/a', 'x/x'),
        async (types, limit, filter) => {
          const { storage } = openRegistry()
          const wanted: Digest[] = []
          for (const [place, type] of types.entries()) {
            const digest = await putReferrer(storage, `${place}`, type)
            if (filter === undefined || filter === type) wanted.push(digest)
          }
          expect((await readAll(storage, limit, filter)).digests).toEqual(wanted.toSorted())
        },
      ),
      { numRuns: 30 },
    )
  })

  it('end a page early where they are large, and say where the next begins', async () => {
    const { storage } = openRegistry()
    for (const name of ['a', 'b', 'c', 'd', 'e']) await putReferrer(storage, name.repeat(1_000_000), 'a/a')
    const { digests, pages } = await readAll(storage, 100)
    expect([digests.length, pages]).toEqual([5, 3])
  })

  it('are read in bounded work where a filter lets none of many pass', async () => {
    let read = 0
    const { storage } = openRegistry({
      around: (records) => ({
        ...records,
        async list(options) {
          const found = await records.list(options)
          read += found.length
          return found
        },
      }),
    })
    for (let place = 0; place < 5000; place += 1) await putReferrer(storage, `${place}`, 'a/a')
    read = 0
    const page = await storage.referrers.list(app, subject.digest, { limit: 10, artifactType: 'x/x' })
    expect(page.descriptors).toEqual([])
    expect(page.next).toBeDefined()
    expect(read).toBeLessThan(5000)
  })

  it('are read in bounded work where a filter lets none of large ones pass', async () => {
    let bytes = 0
    const { storage } = openRegistry({
      around: (records) => ({
        ...records,
        async list(options) {
          const found = await records.list(options)
          for (const { value } of found) bytes += value.length
          return found
        },
      }),
    })
    for (let place = 0; place < 20; place += 1) {
      await putReferrer(storage, `${place}`.padEnd(1_000_000), 'a/a')
    }
    bytes = 0
    const page = await storage.referrers.list(app, subject.digest, { limit: 10, artifactType: 'x/x' })
    expect(page.next).toBeDefined()
    expect(bytes).toBeLessThan(10_000_000)
  })
})
