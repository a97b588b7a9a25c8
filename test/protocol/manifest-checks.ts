import { strict as assert } from 'node:assert'
import {
  errorCodes,
  expectError,
  expectHeader,
  expectStatus,
  headerOf,
  isRecord,
  jsonOf,
  textsOf,
} from './expect-response.ts'
import { check, type ProtocolCheck } from './protocol-check.ts'
import { describe, type MadeManifest, makeImage, makeIndex, types } from './protocol-data.ts'
import {
  accept,
  expectManifest,
  expectManifestPushed,
  putContents,
  putManifest,
  sendManifest,
} from './push-manifest.ts'
import { namedContent, randomContent } from './random-content.ts'

/** How manifests are pushed, found and refused. */
export const manifestChecks: readonly ProtocolCheck[] = [
  check('manifest: a tag or digest that is not there', async ({ client, repository }) => {
    await putManifest(client, repository, makeImage(), 'there')
    for (const reference of ['missing', randomContent(16).digest, randomContent(16, 'sha512').digest]) {
      const path = `/v2/${repository}/manifests/${reference}`
      expectError(await client.ask(path, { headers: accept }), 404, 'MANIFEST_UNKNOWN')
      expectStatus(await client.ask(path, { method: 'HEAD', headers: accept }), 404)
      expectStatus(await client.ask(path, { method: 'DELETE' }), 404)
    }
  }),
  check('manifest: a repository that is not there', async ({ client, repository }) => {
    const path = `/v2/${repository}/manifests/latest`
    expectError(await client.ask(path, { headers: accept }), 404, 'NAME_UNKNOWN', 'MANIFEST_UNKNOWN')
  }),
  check('manifest: a reference that is neither tag nor digest', async ({ client, repository }) => {
    const made = makeImage()
    await putContents(client, repository, made)
    for (const reference of [
      'sha256:baddigeststring',
      `sha256:${'A'.repeat(64)}`,
      'md5:0123',
      '-tag',
      't'.repeat(129),
    ]) {
      expectError(await sendManifest(client, repository, made, reference), 400, ...refusals)
      expectError(await client.ask(`/v2/${repository}/manifests/${reference}`), [400, 404], ...refusals)
    }
  }),
  check('manifest: other bytes than the digest names', async ({ client, repository }) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const made = makeImage({ algorithm })
      await putContents(client, repository, made)
      const changed = { ...made, bytes: Buffer.concat([made.bytes, Buffer.from('  ')]) }
      expectError(await sendManifest(client, repository, changed, made.digest), 400, 'DIGEST_INVALID')
      expectStatus(await client.ask(`/v2/${repository}/manifests/${made.digest}`, { headers: accept }), 404)
    }
  }),
  ...tagParameters(),
  check('manifest: a tag that moves leaves the old digest', async ({ client, repository }) => {
    const [first, second] = [makeImage(), makeImage()]
    await putManifest(client, repository, first, 'latest')
    await putManifest(client, repository, second, 'latest')
    const path = `/v2/${repository}/manifests`
    expectManifest(await client.ask(`${path}/latest`, { headers: accept }), second)
    expectManifest(await client.ask(`${path}/${first.digest}`, { headers: accept }), first)
  }),
  check('manifest: deleting one tag leaves the other and the digest', async ({ client, repository }) => {
    const made = makeImage()
    await putManifest(client, repository, made, 'one')
    await putManifest(client, repository, made, 'two')
    const path = `/v2/${repository}/manifests`
    expectStatus(await client.ask(`${path}/one`, { method: 'DELETE' }), 202)
    expectStatus(await client.ask(`${path}/one`, { method: 'HEAD', headers: accept }), 404)
    expectManifest(await client.ask(`${path}/two`, { headers: accept }), made)
    expectManifest(await client.ask(`${path}/${made.digest}`, { headers: accept }), made)
  }),
  check('manifest: deleting a digest takes its tags along', async ({ client, repository }) => {
    const made = makeImage()
    await putManifest(client, repository, made, 'one')
    await putManifest(client, repository, makeImage(), 'kept')
    const path = `/v2/${repository}/manifests`
    expectStatus(await client.ask(`${path}/${made.digest}`, { method: 'DELETE' }), 202)
    expectStatus(await client.ask(`${path}/one`, { headers: accept }), 404)
    assert.deepEqual(textsOf(await client.ask(`/v2/${repository}/tags/list`), 'tags'), ['kept'])
  }),
  check('manifest: refused while blobs are missing, which are named', async ({ client, repository }) => {
    const made = makeImage({ layers: 2 })
    const refused = await sendManifest(client, repository, made, 'incomplete')
    expectError(refused, [400, 404], 'MANIFEST_BLOB_UNKNOWN')
    const said = JSON.stringify(jsonOf(refused))
    for (const { digest } of made.blobs) assert.ok(said.includes(digest), `${digest} is not named: ${said}`)
    expectStatus(await client.ask(`/v2/${repository}/manifests/incomplete`, { headers: accept }), 404)
  }),
  check('manifest: an index is refused while a child is missing', async ({ client, repository }) => {
    const refused = await sendManifest(client, repository, makeIndex(), 'incomplete')
    expectError(refused, [400, 404], 'MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN')
  }),
  check('manifest: refused while a blob is only in another repository', async (session) => {
    const { client, repository, otherRepository } = session
    const made = makeImage()
    await putContents(client, otherRepository, made)
    expectError(
      await sendManifest(client, repository, made, 'elsewhere'),
      [400, 404],
      'MANIFEST_BLOB_UNKNOWN',
    )
  }),
  check('manifest: image and index at once is refused', async ({ client, repository }) => {
    const made = makeImage()
    await putContents(client, repository, made)
    const both = { ...asJson(made), manifests: [] }
    for (const mediaType of [types.image, types.index]) {
      const bytes = Buffer.from(JSON.stringify({ ...both, mediaType }))
      expectError(
        await sendManifest(client, repository, { mediaType, bytes }, 'both'),
        400,
        'MANIFEST_INVALID',
      )
    }
  }),
  check('manifest: another media type than the Content-Type is refused', async ({ client, repository }) => {
    const made = makeImage()
    await putContents(client, repository, made)
    const refused = await sendManifest(client, repository, { ...made, mediaType: types.index }, 'other')
    expectError(refused, 400, 'MANIFEST_INVALID')
  }),
  check('manifest: no JSON is refused', async ({ client, repository }) => {
    for (const text of ['', '{', 'null', '[]', '"text"', '{"schemaVersion":2,"layers":"none"}']) {
      const bytes = Buffer.from(text)
      expectError(
        await sendManifest(client, repository, { mediaType: types.image, bytes }, 'bad'),
        400,
        'MANIFEST_INVALID',
      )
    }
  }),
  check('manifest: 5 MB is too large', async ({ client, repository }) => {
    const bytes = Buffer.from(JSON.stringify({ padding: 'x'.repeat(5 << 20) }))
    const refused = await sendManifest(client, repository, { mediaType: types.image, bytes }, 'large')
    expectStatus(refused, 413)
    assert.ok(errorCodes(refused).length > 0, 'no error in the shape of the specification')
  }),
  check('manifest: sent without its length', async ({ client, repository }) => {
    const made = makeImage()
    await putContents(client, repository, made)
    const path = `/v2/${repository}/manifests/latest`
    const headers = { 'content-type': made.mediaType }
    const pushed = await client.ask(path, { method: 'PUT', headers, body: made.bytes, streamed: true })
    await expectManifestPushed(client, pushed, made)
    const body = Buffer.from(JSON.stringify({ padding: 'x'.repeat(5 << 20) }))
    expectStatus(await client.ask(path, { method: 'PUT', headers, body, streamed: true }), 413)
  }),
  check('manifest: a media type of its own comes back as it was pushed', async ({ client, repository }) => {
    const mediaType = 'application/vnd.example.thing.v7+json'
    const content = namedContent(Buffer.from('{ "thing" :7}'))
    const made: MadeManifest = {
      ...content,
      mediaType,
      descriptor: describe(mediaType, content),
      blobs: [],
      children: [],
    }
    await expectManifestPushed(client, await sendManifest(client, repository, made, 'thing'), made)
  }),
]

const refusals = [
  'DIGEST_INVALID',
  'MANIFEST_INVALID',
  'TAG_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
] as const

function tagParameters(): readonly ProtocolCheck[] {
  return (['sha256', 'sha512'] as const).map((algorithm) =>
    check(`manifest: pushed by digest with tags (${algorithm})`, async ({ client, repository }) => {
      const made = makeIndex({ algorithm })
      const tags = Array.from({ length: 10 }, (_, number) => `tag-${number}`)
      await putContents(client, repository, made)
      const query = tags.map((tag) => `tag=${tag}`).join('&')
      const pushed = await sendManifest(client, repository, made, `${made.digest}?${query}`)
      await expectManifestPushed(client, pushed, made)
      const said = headerOf(pushed, 'OCI-Tag').split(',')
      assert.deepEqual(new Set(said.map((tag) => tag.trim())), new Set(tags))
      for (const tag of tags) {
        const path = `/v2/${repository}/manifests/${tag}`
        expectHeader(
          await client.ask(path, { method: 'HEAD', headers: accept }),
          'Docker-Content-Digest',
          made.digest,
        )
      }
    }),
  )
}

function asJson({ bytes }: MadeManifest): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(Buffer.from(bytes).toString())
  assert.ok(isRecord(document))
  return document
}
