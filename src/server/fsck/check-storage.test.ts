import { describe, expect, it } from 'vitest'
import {
  agingTimes,
  type AgingRegistry,
  createAgingRegistry,
  indexOf,
  manifestOf,
  named,
  pushBlob,
  pushImage,
} from '../../../test/fixtures/aging-registry.ts'
import { digestOf } from '../../oci/index.ts'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import {
  blobKey,
  contentKey,
  holderKey,
  manifestKey,
  repositoryKey,
  tagKey,
  tagOfKey,
  useKey,
} from '../storage/registry/keys.ts'
import { checkStorage, type CheckStorageOptions } from './check-storage.ts'
import { type Finding, isDamage } from './finding.ts'
import type { FsckCounts, FsckProgress } from './fsck-progress.ts'

const app = named('team/app')
const other = named('other')

async function check(
  registry: AgingRegistry,
  onProgress?: (progress: FsckProgress) => void,
): Promise<{ readonly findings: readonly Finding[]; readonly counts: FsckCounts }> {
  const { records, blobs, clock } = registry
  const checking = checkStorage({ records, blobs, now: () => clock.now, onProgress })
  const findings: Finding[] = []
  for (;;) {
    const next = await checking.next()
    if (next.done === true) return { findings, counts: next.value }
    findings.push(next.value)
  }
}

/** A registry with an index of two images under two tags, one of them also in another repository, and no young edges. */
async function filled(): Promise<AgingRegistry> {
  const registry = createAgingRegistry()
  const { storage } = registry
  const one = await pushImage(storage, app, ['config', 'one'], ['one'])
  const two = await pushImage(storage, app, ['config', 'two'], [])
  await storage.manifests.put(app, { ...indexOf(one, two), tags: ['v1', 'v2'] })
  await pushImage(storage, other, ['config', 'one'], ['latest'])
  await registry.age(agingTimes.gracePeriodSeconds * 2)
  return registry
}

const digest = (text: string): ReturnType<typeof digestOf> => digestOf(Buffer.from(text))
const image = (text: string): ReturnType<typeof manifestOf> => manifestOf({ blobs: ['config', text] })
const index = indexOf(image('one'), image('two'))

async function remove(registry: AgingRegistry, key: string): Promise<void> {
  expect(registry.records.snapshot().has(key)).toBe(true)
  await registry.records.write([{ kind: 'delete', key }])
}

describe('checkStorage()', () => {
  it('finds nothing wrong with what clients did, and says what it looked at', async () => {
    const registry = await filled()
    const seen: FsckProgress[] = []
    const { findings, counts } = await check(registry, (progress) => seen.push(progress))
    expect(findings).toEqual([])
    expect(counts).toMatchObject({ manifests: 4, tags: 4, contents: 3, bytes: 12, files: 3 })
    expect(seen.findLast(({ phase }) => phase === 'contents')).toEqual({
      phase: 'contents',
      contents: 3,
      totalContents: 3,
      bytes: 12,
      totalBytes: 12,
    })
  })

  it.each([
    ['has one other byte', Buffer.from('oNe'), { state: 'digest', actual: digest('oNe') }],
    ['is short', Buffer.from('on'), { state: 'size', actual: 2 }],
    ['is missing', undefined, { state: 'missing' }],
  ])(
    'names whom a blob hurts that %s, through indexes and in every repository',
    async (_, bytes, problem) => {
      const registry = await filled()
      const { key } = (await registry.storage.blobs.find(app, digest('one'))) ?? { key: '' }
      if (bytes === undefined) registry.blobs.committed.delete(key)
      else registry.blobs.committed.set(key, bytes)
      const { findings } = await check(registry)
      expect(findings).toEqual([
        {
          rule: 'content-damaged',
          digest: digest('one'),
          key,
          size: 3,
          problem,
          hurts: [
            { repository: other, manifests: [image('one').digest], tags: ['latest'] },
            {
              repository: app,
              manifests: [image('one').digest, index.digest],
              tags: ['one', 'v1', 'v2'],
            },
          ],
          hurtsMore: false,
        },
      ])
    },
  )

  it('finds a manifest with a flipped byte, and whom that hurts', async () => {
    const registry = await filled()
    const key = manifestKey(app, image('two').digest)
    const value = Uint8Array.from(registry.records.snapshot().get(key) ?? [])
    value[value.length - 1] = 0x20
    await registry.records.write([{ kind: 'put', key, value }])
    const { findings } = await check(registry)
    expect(findings).toMatchObject([
      {
        rule: 'manifest-damaged',
        digest: image('two').digest,
        hurts: [{ manifests: [image('two').digest, index.digest], tags: ['v1', 'v2'] }],
      },
    ])
  })

  it('finds a manifest whose blob the repository lost', async () => {
    const registry = await filled()
    await remove(registry, blobKey(app, digest('two')))
    await remove(registry, holderKey(digest('two'), app))
    const { findings } = await check(registry)
    expect(findings).toMatchObject([
      {
        rule: 'manifest-incomplete',
        digest: image('two').digest,
        missing: [digest('two')],
        hurts: [{ repository: app, tags: ['v1', 'v2'] }],
      },
    ])
  })

  it('finds a tag and an index whose manifest is gone', async () => {
    const registry = await filled()
    await remove(registry, manifestKey(app, image('one').digest))
    const rules = (await check(registry)).findings.map((finding) => finding.rule)
    expect(rules.toSorted()).toEqual([
      'edge-superfluous',
      'edge-superfluous',
      'manifest-incomplete',
      'tag-without-manifest',
    ])
  })

  it('finds a blob whose content has no record', async () => {
    const registry = await filled()
    await remove(registry, contentKey(digest('two')))
    expect((await check(registry)).findings).toMatchObject([
      { rule: 'blob-without-content', repository: app, digest: digest('two') },
      { rule: 'file-orphaned', size: 3 },
    ])
  })

  it('finds each kind of edge that is missing, and a repository that is not listed', async () => {
    const registry = await filled()
    const edges = [
      holderKey(digest('one'), app),
      tagOfKey(app, index.digest, 'v1'),
      useKey(app, image('one').digest, index.digest),
      useKey(app, digest('two'), image('two').digest),
    ]
    for (const key of edges) await remove(registry, key)
    await remove(registry, repositoryKey(other))
    const { findings } = await check(registry)
    const missing = findings.flatMap((finding) => (finding.rule === 'edge-missing' ? [finding.key] : []))
    expect(missing.toSorted()).toEqual(edges.toSorted())
    expect(findings.filter((finding) => finding.rule !== 'edge-missing')).toEqual([
      { rule: 'repository-unlisted', repository: other },
    ])
  })

  it('finds records that cannot be read, and goes on', async () => {
    const registry = await filled()
    const { records } = registry
    const keys = [
      tagKey(app, 'one'),
      blobKey(other, digest('config')),
      contentKey(digest('two')),
      'tags/no repository',
      'junk',
    ]
    for (const key of keys) await records.write([{ kind: 'put', key, value: Buffer.from('{') }])
    const { findings, counts } = await check(registry)
    expect(
      findings.flatMap((finding) => (finding.rule === 'record-damaged' ? [finding.key] : [])).toSorted(),
    ).toEqual(keys.toSorted())
    expect(counts.contents).toBe(3)
  })

  it('calls what nobody needs no damage', async () => {
    const registry = await filled()
    const { blobs, records, clock } = registry
    const upload = await blobs.createUpload()
    await blobs.commit(upload, digest(''))
    clock.now += 3600_000
    await records.write([{ kind: 'put', key: holderKey(digest('x'), app), value: Buffer.from('0') }])
    const { findings } = await check(registry)
    expect(findings).toMatchObject([{ rule: 'edge-superfluous' }, { rule: 'file-orphaned', size: 0 }])
    expect(findings.filter((finding) => isDamage(finding))).toEqual([])
  })

  it('stops when it is told to', async () => {
    const { records, blobs } = await filled()
    const reason = new Error('enough')
    const checking = checkStorage({ records, blobs, signal: AbortSignal.abort(reason) })
    await expect(checking.next()).rejects.toBe(reason)
  })

  it('calls no tag damaged that goes with its manifest while it is looked at', async () => {
    const { records, blobs, clock, storage } = await filled()
    const busy: RecordStore = {
      ...records,
      async get(key) {
        const record = await records.get(key)
        if (key === tagKey(other, 'latest')) await storage.manifests.delete(other, image('one').digest)
        return record
      },
    }
    expect(await damageIn({ records: busy, blobs, now: () => clock.now })).toEqual([])
  })

  it('calls no content damaged that is collected while it is read, or uploaded anew', async () => {
    const registry = await filled()
    const { records, blobs, clock, storage } = registry
    await pushBlob(storage, other, 'unused')
    await pushBlob(storage, other, 'again')
    const busy: BlobStore = {
      ...blobs,
      async read(key, options) {
        if (key.includes(digest('unused').slice(7)) || key.includes(digest('again').slice(7))) {
          for (let round = 0; round < 10; round += 1) await registry.age(agingTimes.gracePeriodSeconds)
          await pushBlob(storage, other, 'again')
        }
        return blobs.read(key, options)
      },
    }
    expect(await damageIn({ records, blobs: busy, now: () => clock.now })).toEqual([])
    expect(await storage.blobs.find(other, digest('unused'))).toBeUndefined()
  })
})

async function damageIn(options: CheckStorageOptions): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for await (const finding of checkStorage(options)) if (isDamage(finding)) found.push(finding)
  return found
}
