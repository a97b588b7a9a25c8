import { describe, expect, test } from 'vitest'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedAnswer, ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { NotFoundError, UnavailableError } from '../content/index.ts'
import { type Descriptor, digestHex, digestOf, mediaTypes } from '../oci/index.ts'
import { referrersTag } from './referrers-tag.ts'
import type { Repository } from './repository.ts'

const list = '/v2/me/app/tags/list'
const get = (path: string, answer: ScriptedAnswer): ScriptedExchange => [{ method: 'GET', path }, answer]
const page = (tags: readonly string[] | null, link?: string): ScriptedAnswer => ({
  body: JSON.stringify({ name: 'me/app', tags }),
  headers: link === undefined ? {} : { link },
})

async function tagsOf(repository: Repository): Promise<readonly string[]> {
  const tags: string[] = []
  for await (const tag of repository.tags()) tags.push(tag)
  return tags
}

describe('tags()', () => {
  test('follows relative and absolute links to the end', () =>
    withScriptedRegistry(
      [
        get(`${list}?n=1000`, page(['a', 'b'], `<${list}?last=b&n=2>; rel="next"`)),
        get(
          `${list}?last=b&n=2`,
          page(['c'], '</x>; rel=prev, <{origin}/v2/me/app/tags/list?last=c>; title="a, b"; rel=next'),
        ),
        get(`${list}?last=c`, page(['d'], '<list?last=d>; rel="next"')),
        get(`${list}?last=d`, page(null)),
      ],
      async ({ repository }) => expect(await tagsOf(repository)).toEqual(['a', 'b', 'c', 'd']),
    ))

  test('takes a repository without tags for one', () =>
    withScriptedRegistry([get(`${list}?n=1000`, page(null))], async ({ repository }) => {
      expect(await tagsOf(repository)).toEqual([])
    }))

  test('leaves out what cannot be a tag', () =>
    withScriptedRegistry(
      [get(`${list}?n=1000`, page(['a', '', '../b', 'c\nd', '-e']))],
      async ({ repository }) => {
        expect(await tagsOf(repository)).toEqual(['a'])
      },
    ))

  test('goes to no other host', () =>
    withScriptedRegistry(
      [get(`${list}?n=1000`, page(['a'], '<https://elsewhere.example/tags>; rel="next"'))],
      async ({ repository }) => {
        await expect(tagsOf(repository)).rejects.toThrow(/next page is at another host/)
      },
    ))

  test('notices that pages go in a circle', () =>
    withScriptedRegistry(
      [
        get(`${list}?n=1000`, page(['a'], '<?last=a>; rel="next"')),
        get(`${list}?last=a`, page(['a'], '<?last=a>; rel="next"')),
      ],
      async ({ repository }) => {
        await expect(tagsOf(repository)).rejects.toThrow(/in a circle/)
      },
    ))

  test('tells an unknown repository', () =>
    withScriptedRegistry(
      [get(`${list}?n=1000`, { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' })],
      async ({ repository }) => {
        await expect(tagsOf(repository)).rejects.toThrow(NotFoundError)
      },
    ))

  test.each(['<html>', '{"tags":"a"}'])('refuses an answer that is no list: %s', (body) =>
    withScriptedRegistry([get(`${list}?n=1000`, { body })], async ({ repository }) => {
      await expect(tagsOf(repository)).rejects.toThrow(UnavailableError)
    }),
  )
})

const entry = (name: string, artifactType: string): Descriptor => ({
  mediaType: mediaTypes.ociManifest,
  digest: digestOf(Buffer.from(name)),
  size: 7,
  artifactType,
  annotations: { name },
})

const index = (manifests: readonly Descriptor[], headers: Record<string, string> = {}): ScriptedAnswer => ({
  headers: { 'content-type': mediaTypes.ociIndex, ...headers },
  body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
})

describe('referrers()', () => {
  const subject = digestOf(Buffer.from('subject'))
  const path = `/v2/me/app/referrers/${subject}`
  const tagPath = `/v2/me/app/manifests/${referrersTag(subject)}`
  const tiny = { mediaType: mediaTypes.ociManifest, digest: subject, size: 7 }
  const one = entry('one', 'application/spdx')
  const two = entry('two', 'application/sig')
  test('lists by the API, all pages', () =>
    withScriptedRegistry(
      [
        get(path, index([one], { link: `<${path}?page=2>; rel="next"` })),
        get(`${path}?page=2`, index([two])),
      ],
      async ({ repository }) => expect(await repository.referrers(subject)).toEqual([one, two]),
    ))

  test.each([
    ['here, when the registry did not', {}, [two]],
    ['there, when the registry says so', { 'oci-filters-applied': 'artifactType' }, [one, two]],
  ])('filters %s', (_, headers, expected) =>
    withScriptedRegistry(
      [get(`${path}?artifactType=application%2Fsig`, index([one, two], headers))],
      async ({ repository }) => {
        expect(await repository.referrers(subject, { artifactType: 'application/sig' })).toEqual(expected)
      },
    ),
  )

  test('go on without being asked for when the caller knows that the tag is not there', () =>
    withScriptedRegistry([get(path, { status: 404 }), get(tagPath, index([one]))], async ({ repository }) => {
      expect(await repository.referrers(subject, { knownTags: new Set(['v1']) })).toEqual([])
      const knownTags = new Set(['v1', referrersTag(subject)])
      expect(await repository.referrers(subject, { knownTags })).toEqual([one])
    }))

  test('are asked for once of an API that is not there, also by many at a time', () => {
    const subjects = ['a', 'b', 'c', 'd'].map((name) => digestOf(Buffer.from(name)))
    return withScriptedRegistry(
      [get(`/v2/me/app/referrers/${subjects[0] ?? ''}`, { status: 404, body: '404 page not found' })],
      async ({ repository }) => {
        const knownTags = new Set<string>()
        const found = subjects.map((digest) => repository.referrers(digest, { knownTags }))
        expect(await Promise.all(found)).toEqual([[], [], [], []])
      },
    )
  })

  test.each(['NAME_UNKNOWN', 'MANIFEST_UNKNOWN'])(
    'are asked for again after a 404 that says %s: the API may be there',
    (code) =>
      withScriptedRegistry(
        [get(path, { status: 404, body: JSON.stringify({ errors: [{ code }] }) }), get(path, index([one]))],
        async ({ repository }) => {
          const knownTags = new Set<string>()
          expect(await repository.referrers(subject, { knownTags })).toEqual([])
          expect(await repository.referrers(subject, { knownTags })).toEqual([one])
        },
      ),
  )

  test('of one manifest that cannot be listed do not stop those of another', () => {
    const other = digestOf(Buffer.from('other'))
    return withScriptedRegistry(
      [get(path, { status: 400 }), get(`/v2/me/app/referrers/${other}`, index([two]))],
      async ({ repository }) => {
        const found = [subject, other].map((digest) => repository.referrers(digest))
        expect(await Promise.allSettled(found)).toMatchObject([
          { status: 'rejected' },
          { status: 'fulfilled', value: [two] },
        ])
      },
    )
  })

  test('are listed to no more than 100,000, however many pages there are', () =>
    withScriptedRegistry(
      Array.from({ length: 3 }, (_, number) =>
        get(
          number === 0 ? path : `${path}?page=${number}`,
          index(
            Array.from({ length: 36_000 }, () => tiny),
            {
              link: `<${path}?page=${number + 1}>; rel="next"`,
            },
          ),
        ),
      ),
      async ({ repository }) => {
        await expect(repository.referrers(subject)).rejects.toThrow(/more than 100000/)
      },
    ))

  test('are none in an empty index', () =>
    withScriptedRegistry([get(path, index([]))], async ({ repository }) => {
      expect(await repository.referrers(subject)).toEqual([])
    }))

  test('come from the tag where there is no API, which is then not asked again', () =>
    withScriptedRegistry(
      [get(path, { status: 404 }), get(tagPath, index([one, two])), get(tagPath, index([one, two]))],
      async ({ repository }) => {
        expect(await repository.referrers(subject, {})).toEqual([one, two])
        expect(await repository.referrers(subject, { artifactType: 'application/sig' })).toEqual([two])
      },
    ))

  test('come from the tag where a page of HTML takes the place of the API', () =>
    withScriptedRegistry(
      [
        get(path, { headers: { 'content-type': 'text/html' }, body: '<html>' }),
        get(tagPath, { status: 404 }),
      ],
      async ({ repository }) => expect(await repository.referrers(subject)).toEqual([]),
    ))

  test('are none when what is under the tag is no index (GitLab gives the subject itself)', () => {
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: one, layers: [] }
    const answer = { headers: { 'content-type': mediaTypes.ociManifest }, body: JSON.stringify(manifest) }
    return withScriptedRegistry(
      [get(path, { status: 404 }), get(tagPath, answer)],
      async ({ repository }) => {
        expect(await repository.referrers(subject)).toEqual([])
      },
    )
  })

  test('are none when what is under the tag is the subject, an index', () => {
    const answer = index([one])
    const itself = digestOf(Buffer.from(String(answer.body)))
    return withScriptedRegistry(
      [
        get(`/v2/me/app/referrers/${itself}`, { status: 404 }),
        get(`/v2/me/app/manifests/${referrersTag(itself)}`, answer),
      ],
      async ({ repository }) => expect(await repository.referrers(itself)).toEqual([]),
    )
  })

  test.each([400, 403, 501])('reject when the API answers %i', (status) =>
    withScriptedRegistry([get(path, { status })], async ({ repository }) => {
      await expect(repository.referrers(subject)).rejects.toThrow(/list the referrers of sha256:/)
    }),
  )

  test('reject when an entry is not sane', () =>
    withScriptedRegistry(
      [
        get(path, {
          headers: { 'content-type': mediaTypes.ociIndex },
          body: '{"schemaVersion":2,"manifests":[{"digest":"x"}]}',
        }),
      ],
      async ({ repository }) => {
        await expect(repository.referrers(subject)).rejects.toThrow(/manifests\[0\]/)
      },
    ))
})

describe('referrersTag()', () => {
  test('is cut as the specification says', () => {
    const long = digestOf(Buffer.from('x'), 'sha512')
    expect(referrersTag(digestOf(Buffer.from('x')))).toMatch(/^sha256-[0-9a-f]{64}$/)
    expect(referrersTag(long)).toBe(`sha512-${digestHex(long).slice(0, 64)}`)
  })
})
