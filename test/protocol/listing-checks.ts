import { strict as assert } from 'node:assert'
import { expectError, expectStatus, textsOf } from './expect-response.ts'
import { check, type ProtocolCheck, type ProtocolSession } from './protocol-check.ts'
import type { ProtocolResponse } from './protocol-client.ts'
import { makeImage } from './protocol-data.ts'
import { putBlob } from './push-blob.ts'
import { putContents, putManifest, sendManifest } from './push-manifest.ts'
import { randomContent } from './random-content.ts'

/** In the order of their bytes, which is not that of a dictionary. */
const tags = ['1.10', '1.9', 'B', '_x', 'a', 'a-b', 'a.b', 'a_b', 'b'] as const

/** Tags and the catalogue, in pages. */
export const listingChecks: readonly ProtocolCheck[] = [
  check('tags: in byte order, with the name', async (session) => {
    await pushTags(session)
    const listed = await list(session, '')
    assert.deepEqual(textsOf(listed, 'tags'), tags)
    assert.equal(textOf(listed, 'name'), session.repository)
  }),
  check('tags: after any text', async (session) => {
    await pushTags(session)
    assert.deepEqual(textsOf(await list(session, '?last=a-b'), 'tags'), ['a.b', 'a_b', 'b'])
    assert.deepEqual(textsOf(await list(session, '?last=a-zzz'), 'tags'), ['a.b', 'a_b', 'b'])
    assert.deepEqual(textsOf(await list(session, '?last=zzz'), 'tags'), [])
  }),
  check('tags: in pages, by the links', async (session) => {
    await pushTags(session)
    for (const size of [1, 2, 4, 9, 100]) {
      assert.deepEqual(
        await pages(session, `/v2/${session.repository}/tags/list?n=${size}`, 'tags', size),
        tags,
      )
    }
  }),
  check('tags: n=0 is an empty page without a link', async (session) => {
    await pushTags(session)
    const listed = await list(session, '?n=0')
    assert.deepEqual(textsOf(listed, 'tags'), [])
    assert.equal(listed.headers.link, undefined)
  }),
  check('tags: an n that is no number', async (session) => {
    await pushTags(session)
    for (const n of ['-1', 'x', '1e3', '1.5']) expectError(await list(session, `?n=${n}`), 400)
  }),
  check('tags: a repository that is not there', async (session) => {
    expectError(await session.client.ask(`/v2/${session.repository}/tags/list`), 404, 'NAME_UNKNOWN')
  }),
  check('tags: a repository without tags', async (session) => {
    const { client, repository } = session
    await putBlob(client, repository, randomContent(16))
    assert.deepEqual(textsOf(await list(session, ''), 'tags'), [])
  }),
  check('catalogue: in byte order and pages', async ({ client, repository, otherRepository }) => {
    const names = [repository, `${repository}-a`, otherRepository]
    for (const name of names) await putManifest(client, name, makeImage(), 'latest')
    const start = `/v2/_catalog?n=2&last=${encodeURIComponent(repository.slice(0, -1))}`
    const session = { client, repository, otherRepository }
    const listed = await pages(session, start, 'repositories', 2)
    assert.deepEqual(
      listed.filter((name) => name.startsWith(repository)),
      // `-` is before `/`.
      [repository, `${repository}-a`, otherRepository],
    )
  }),
]

async function pushTags({ client, repository }: ProtocolSession): Promise<void> {
  const made = makeImage({ layers: 0 })
  await putContents(client, repository, made)
  for (const tag of tags.toReversed()) {
    expectStatus(await sendManifest(client, repository, made, tag), 201)
  }
}

async function list({ client, repository }: ProtocolSession, query: string): Promise<ProtocolResponse> {
  const listed = await client.ask(`/v2/${repository}/tags/list${query}`)
  if (!query.includes('n=') || query === '?n=0') expectStatus(listed, 200)
  return listed
}

/** All texts of a listing, a page after the other as the links lead. */
async function pages(
  { client }: ProtocolSession,
  start: string,
  key: 'tags' | 'repositories',
  size: number,
): Promise<readonly string[]> {
  const found: string[] = []
  let next: URL | string | undefined = start
  while (next !== undefined) {
    const page: ProtocolResponse = await client.ask(next)
    expectStatus(page, 200)
    const texts = textsOf(page, key)
    assert.ok(texts.length <= size, `${page.asked}: ${texts.length} in a page`)
    found.push(...texts)
    assert.ok(found.length < 10_000, 'the links never end')
    const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(page.headers.link ?? ''))?.[1]
    next = link === undefined ? undefined : new URL(link, page.url)
  }
  return found
}

function textOf(response: ProtocolResponse, key: string): unknown {
  const said: unknown = JSON.parse(response.body.toString())
  return typeof said === 'object' && said !== null ? Reflect.get(said, key) : undefined
}
