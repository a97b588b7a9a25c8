import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, parseDigest } from '../../../oci/index.ts'
import { parseRepositoryName, type RepositoryName } from '../../repository-name.ts'
import {
  blobKey,
  contentKey,
  holderKey,
  manifestKey,
  parseKey,
  prefixes,
  queueKey,
  referrerKey,
  type RegistryKey,
  repositoryKey,
  tagKey,
  tagOfKey,
  uploadKey,
  useKey,
} from './keys.ts'

const repositories = fc
  .stringMatching(/^[a-z0-9]{1,4}([._/-][a-z0-9]{1,4}){0,3}$/)
  .map((text): RepositoryName => parseRepositoryName(text))
const digests = fc
  .oneof(
    fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`),
    fc.stringMatching(/^[0-9a-f]{128}$/).map((hex) => `sha512:${hex}`),
  )
  .map((text): Digest => parseDigest(text))
const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)
const times = fc.integer({ min: 0, max: 9_999_999_999_999 })

const keys: fc.Arbitrary<RegistryKey> = fc.oneof(
  fc.record({ in: fc.constant('repositories' as const), repository: repositories }),
  fc.record({ in: fc.constant('tags' as const), repository: repositories, tag: tags }),
  fc.record({ in: fc.constantFrom('manifests', 'blobs'), repository: repositories, digest: digests }),
  fc.record({ in: fc.constant('tagsof' as const), repository: repositories, digest: digests, tag: tags }),
  fc.record({
    in: fc.constantFrom('uses', 'referrers'),
    repository: repositories,
    digest: digests,
    by: digests,
  }),
  fc.record({ in: fc.constant('holders' as const), digest: digests, repository: repositories }),
  fc.record({ in: fc.constant('content' as const), digest: digests }),
  fc.record({ in: fc.constant('uploads' as const), repository: repositories, id: fc.uuid() }),
  fc.record({
    in: fc.constant('queue' as const),
    due: times,
    subject: fc.oneof(
      fc.record({
        kind: fc.constantFrom('manifest', 'blob'),
        repository: repositories,
        digest: digests,
      }),
      fc.record({ kind: fc.constant('content' as const), digest: digests }),
    ),
  }),
)

describe('keys', () => {
  it('are read as what they were made of, are printable ASCII and short enough for any store', () => {
    fc.assert(
      fc.property(keys, (parts) => {
        const key = write(parts)
        expect(parseKey(key)).toEqual(parts)
        expect(key).toMatch(/^[!-~]{1,1024}$/)
      }),
    )
  })

  it('of different things differ', () => {
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other))
        expect(write(one)).not.toBe(write(other))
      }),
    )
  })

  it('of a listing begin with its prefix, and those of another repository do not', () => {
    fc.assert(
      fc.property(repositories, repositories, tags, (one, other, tag) => {
        expect(tagKey(one, tag).startsWith(prefixes.tags(one))).toBe(true)
        fc.pre(one !== other)
        expect(tagKey(other, tag).startsWith(prefixes.tags(one))).toBe(false)
      }),
    )
  })

  it('of the queue order as their times do', () => {
    const digest = parseDigest(`sha256:${'0'.repeat(64)}`)
    fc.assert(
      fc.property(times, times, (one, other) => {
        fc.pre(one < other)
        expect(
          queueKey(one, { kind: 'content', digest }) < queueKey(other, { kind: 'content', digest }),
        ).toBe(true)
      }),
    )
  })

  it.each([
    '',
    'tags',
    'tags/',
    'tags/a',
    'tags/A:x',
    'tags/a:',
    'tags/a:-x',
    'manifests/a@sha256:00',
    'manifests/a',
    'tagsof/a@sha256:00:x',
    'uses/a@b/c',
    'queue/1/blob/a@b',
    'uploads/a:../b',
    'collector/lease',
    'content/../../etc/passwd',
  ])('are refused when they are none of the layout: %j', (key) => {
    expect(parseKey(key)).toBeUndefined()
  })
})

function write(key: RegistryKey): string {
  switch (key.in) {
    case 'repositories':
      return repositoryKey(key.repository)
    case 'tags':
      return tagKey(key.repository, key.tag)
    case 'manifests':
      return manifestKey(key.repository, key.digest)
    case 'blobs':
      return blobKey(key.repository, key.digest)
    case 'tagsof':
      return tagOfKey(key.repository, key.digest, key.tag)
    case 'uses':
      return useKey(key.repository, key.digest, key.by)
    case 'referrers':
      return referrerKey(key.repository, key.digest, key.by)
    case 'holders':
      return holderKey(key.digest, key.repository)
    case 'content':
      return contentKey(key.digest)
    case 'uploads':
      return uploadKey(key.repository, key.id)
    case 'queue':
      return queueKey(key.due, key.subject)
  }
}
