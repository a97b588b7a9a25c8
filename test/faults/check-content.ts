import { strict as assert } from 'node:assert'
import { expectBytes, expectStatus, textsOf } from '../protocol/expect-response.ts'
import type { ProtocolClient } from '../protocol/protocol-client.ts'
import { accept } from '../protocol/push-manifest.ts'
import { absent, type AcknowledgedContent, type WholeManifest } from './acknowledged-content.ts'

/** What {@link checkContent} has read already, by digest: it is not read again. */
export type Checked = Set<string>

/**
 * Reads a repository and holds it to what its client was told: every blob and manifest that was acknowledged is there,
 * byte for byte; every tag is where it must be or may be; and what may be there or not is there whole or not at all.
 *
 * @throws {AssertionError}
 */
export async function checkContent(
  client: ProtocolClient,
  content: AcknowledgedContent,
  checked: Checked,
): Promise<void> {
  for (const { digest, bytes } of content.blobs.values()) {
    if (checked.has(digest)) continue
    const read = await client.ask(`/v2/${content.repository}/blobs/${digest}`)
    expectStatus(read, 200)
    expectBytes(read, bytes)
    checked.add(digest)
  }
  for (const manifest of content.manifests.values()) await checkManifest(client, content, manifest, checked)
  for (const manifest of content.uncertain.values()) await settle(client, content, manifest, checked)
  await checkTags(client, content)
}

async function checkManifest(
  client: ProtocolClient,
  { repository, blobs }: AcknowledgedContent,
  manifest: WholeManifest,
  checked: Checked,
): Promise<void> {
  if (checked.has(manifest.digest)) return
  const read = await client.ask(`/v2/${repository}/manifests/${manifest.digest}`, { headers: accept })
  expectStatus(read, 200)
  expectBytes(read, manifest.bytes)
  for (const blob of manifest.blobs)
    assert.ok(blobs.has(blob.digest), 'a manifest needs a blob that was not acknowledged')
  for (const child of manifest.children) {
    const path = `/v2/${repository}/manifests/${child.digest}`
    expectStatus(await client.ask(path, { headers: accept }), 200)
  }
  checked.add(manifest.digest)
}

/** Finds out whether what was under way has happened. */
async function settle(
  client: ProtocolClient,
  content: AcknowledgedContent,
  manifest: WholeManifest,
  checked: Checked,
): Promise<void> {
  const path = `/v2/${content.repository}/manifests/${manifest.digest}`
  const read = await client.ask(path, { headers: accept })
  expectStatus(read, 200, 404)
  content.uncertain.delete(manifest.digest)
  if (read.status === 404) return
  content.manifests.set(manifest.digest, manifest)
  await checkManifest(client, content, manifest, checked)
}

async function checkTags(client: ProtocolClient, content: AcknowledgedContent): Promise<void> {
  const { repository } = content
  const answer = await client.ask(`/v2/${repository}/tags/list`)
  const listed = answer.status === 404 ? [] : textsOf(answer, 'tags')
  const unknown = listed.filter((tag) => !content.tags.has(tag))
  assert.deepEqual(unknown, [], `${repository}: tags that nobody pushed`)
  for (const [tag, digests] of content.tags) {
    const read = await client.ask(`/v2/${repository}/manifests/${tag}`, { headers: accept })
    expectStatus(read, 200, 404)
    const found = read.status === 404 ? absent : String(read.headers['docker-content-digest'])
    const wanted = [...digests].join(' or ')
    assert.ok(digests.has(found), `${repository}:${tag} is on ${found}, not on ${wanted}`)
    assert.equal(listed.includes(tag), found !== absent, `${repository}: ${tag} in the list of tags`)
    content.settleTag(tag, found)
    if (found === absent) continue
    const manifest = content.manifests.get(found)
    assert.ok(manifest !== undefined, `${repository}:${tag} is on a manifest that is not there by its digest`)
    expectBytes(read, manifest.bytes)
  }
}
