import { strict as assert } from 'node:assert'
import { expectStatus, textsOf } from './expect-response.ts'
import { check, type ProtocolCheck, type ProtocolSession } from './protocol-check.ts'
import {
  type MadeManifest,
  makeArtifact,
  makeDockerImage,
  makeDockerList,
  makeForeignImage,
  makeImage,
  makeIndex,
} from './protocol-data.ts'
import {
  accept,
  expectManifest,
  expectManifestHeaders,
  expectManifestPushed,
  putContents,
  putManifest,
  sendManifest,
} from './push-manifest.ts'

/** 3.9 MB of annotations; the specification wants 4 MB to be taken. */
const manyAnnotations = Object.fromEntries(
  Array.from({ length: 390 }, (_, number) => [`large-annotation-${number}`, 'A'.repeat(10_000)]),
)

/** Kinds of content that a registry has to take. */
const kinds: Readonly<Record<string, () => MadeManifest>> = {
  'an image': () => makeImage(),
  'an image without layers': () => makeImage({ layers: 0 }),
  'an image with 3.9 MB of annotations': () => makeImage({ fields: { annotations: manyAnnotations } }),
  'an image with its content in the descriptors': () => makeImage({ embedded: true }),
  'an image with fields that nobody knows': () => makeImage({ fields: { 'x-ample': { deep: [1, null] } } }),
  'an image with a layer kept elsewhere': () => makeForeignImage(),
  'an index': () => makeIndex(),
  'an index of nothing': () => makeIndex({ children: [] }),
  'an index of indexes': () => makeIndex({ children: [makeIndex(), makeIndex()] }),
  'an index with fields that nobody knows': () => makeIndex({ fields: { 'x-ample': 'x' } }),
  'an index of artifacts': () => makeIndex({ children: [makeArtifact(), makeArtifact({ payload: false })] }),
  'an artifact': () => makeArtifact(),
  'an artifact without content': () => makeArtifact({ payload: false }),
  'an index named by its SHA-512': () => makeIndex({ algorithm: 'sha512' }),
  'an artifact named by its SHA-512': () => makeArtifact({ algorithm: 'sha512' }),
  "an image in Docker's types": () => makeDockerImage(),
  "a list in Docker's types": () => makeDockerList(),
  'an artifact with a subject that is missing': () =>
    makeArtifact({ fields: { subject: makeImage().descriptor, annotations: { made: 'by a test' } } }),
}

/** Each kind of content: pushed, found, read, and deleted; each in a repository of its own, and all in one. */
export const contentChecks: readonly ProtocolCheck[] = [
  ...Object.entries(kinds).map(([kind, make]) =>
    check(`content: ${kind}`, (session) => live(session, make())),
  ),
  check('content: all of it, one after the other in one repository', async (session) => {
    for (const make of Object.values(kinds)) await live(session, make())
  }),
]

async function live({ client, repository }: ProtocolSession, made: MadeManifest): Promise<void> {
  const path = `/v2/${repository}/manifests`
  // A tag names the SHA-256 of its manifest where the push does not say which digest it has.
  const references = made.digest.startsWith('sha512:') ? [made.digest] : ['tag', made.digest]
  const tags = references.filter((reference) => reference === 'tag')
  await putManifest(client, repository, made)
  for (const tag of tags) {
    await expectManifestPushed(client, await sendManifest(client, repository, made, tag), made)
    const listed = await client.ask(`/v2/${repository}/tags/list`)
    assert.deepEqual(textsOf(listed, 'tags'), tags)
  }
  for (const reference of references) {
    const head = await client.ask(`${path}/${reference}`, { method: 'HEAD', headers: accept })
    expectManifestHeaders(head, made)
    assert.equal(head.body.length, 0, 'HEAD has a body')
    expectManifest(await client.ask(`${path}/${reference}`, { headers: accept }), made)
  }
  await remove(client, path, references)
  for (const child of made.children) {
    expectManifest(await client.ask(`${path}/${child.digest}`, { headers: accept }), child)
  }
  // What was deleted can be pushed again.
  await putContents(client, repository, made)
  await expectManifestPushed(client, await sendManifest(client, repository, made, made.digest), made)
  await remove(client, path, [made.digest])
}

async function remove(
  client: ProtocolSession['client'],
  path: string,
  references: readonly string[],
): Promise<void> {
  for (const reference of references) {
    expectStatus(await client.ask(`${path}/${reference}`, { method: 'DELETE' }), 202)
    expectStatus(await client.ask(`${path}/${reference}`, { method: 'HEAD', headers: accept }), 404)
    expectStatus(await client.ask(`${path}/${reference}`, { headers: accept }), 404)
  }
}
