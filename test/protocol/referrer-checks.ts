import { strict as assert } from 'node:assert'
import { expectError, expectHeader, expectStatus, headerOf, isRecord, jsonOf } from './expect-response.ts'
import { check, type ProtocolCheck, type ProtocolSession } from './protocol-check.ts'
import type { ProtocolResponse } from './protocol-client.ts'
import { type MadeManifest, makeArtifact, makeImage, makeIndex, types } from './protocol-data.ts'
import { putContents, putManifest, sendManifest } from './push-manifest.ts'
import { randomContent } from './random-content.ts'

/** The referrers API. */
export const referrerChecks: readonly ProtocolCheck[] = [
  check('referrers: of what is not there is an empty index', async ({ client, repository }) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const answer = await client.ask(`/v2/${repository}/referrers/${randomContent(16, algorithm).digest}`)
      assert.deepEqual(referrersOf(answer), [])
    }
  }),
  check('referrers: of what is no digest', async ({ client, repository }) => {
    for (const digest of ['sha256:bad', 'latest', 'md5:0123']) {
      expectError(await client.ask(`/v2/${repository}/referrers/${digest}`), 400)
    }
  }),
  ...(['sha256', 'sha512'] as const).map((algorithm) =>
    check(`referrers: images, artifacts and indexes with a subject (${algorithm})`, (session) =>
      listed(session, makeIndex({ algorithm })),
    ),
  ),
  check('referrers: found when the subject comes later, or never', async (session) => {
    const { client, repository } = session
    const subject = makeImage()
    const referrer = withSubject(subject)
    await push(session, referrer)
    assert.deepEqual(await digests(session, subject), [referrer.digest])
    await putManifest(client, repository, subject, 'late')
    assert.deepEqual(await digests(session, subject), [referrer.digest])
  }),
  check('referrers: gone with their manifest, or with its tag kept', async (session) => {
    const { client, repository } = session
    const subject = makeImage()
    const referrer = withSubject(subject)
    await push(session, referrer)
    expectStatus(await sendManifest(client, repository, referrer, 'tagged'), 201)
    expectStatus(await client.ask(`/v2/${repository}/manifests/tagged`, { method: 'DELETE' }), 202)
    assert.deepEqual(await digests(session, subject), [referrer.digest])
    expectStatus(
      await client.ask(`/v2/${repository}/manifests/${referrer.digest}`, { method: 'DELETE' }),
      202,
    )
    assert.deepEqual(await digests(session, subject), [])
  }),
  check('referrers: one that is pushed twice is listed once', async (session) => {
    const subject = makeImage()
    const referrer = withSubject(subject)
    await push(session, referrer)
    await push(session, referrer)
    assert.deepEqual(await digests(session, subject), [referrer.digest])
  }),
]

async function listed(session: ProtocolSession, subject: MadeManifest): Promise<void> {
  const { client, repository } = session
  await putManifest(client, repository, subject)
  const annotations = { 'org.opencontainers.conformance': 'hello' }
  const fields = { subject: subject.descriptor, annotations }
  const image = makeImage({ fields: { subject: subject.descriptor } })
  const referrers = [
    // An image that has no artifact type is listed with the type of its config.
    { made: image, artifactType: types.config, annotations: undefined },
    { made: makeArtifact({ fields }), artifactType: types.artifact, annotations },
    {
      made: makeArtifact({ fields: { ...fields, artifactType: types.otherArtifact } }),
      artifactType: types.otherArtifact,
      annotations,
    },
    {
      made: makeIndex({ fields: { ...fields, artifactType: types.artifact } }),
      artifactType: types.artifact,
      annotations,
    },
  ]
  for (const { made } of referrers) await push(session, made)
  const path = `/v2/${repository}/referrers/${subject.digest}`
  const expected = referrers.map(({ made, artifactType, ...rest }) => ({
    ...made.descriptor,
    artifactType,
    ...(rest.annotations === undefined ? {} : { annotations: rest.annotations }),
  }))
  assert.deepEqual(byDigest(referrersOf(await client.ask(path))), byDigest(expected))
  for (const artifactType of [types.config, types.artifact, types.otherArtifact, 'application/nothing']) {
    const answer = await client.ask(`${path}?artifactType=${encodeURIComponent(artifactType)}`)
    assert.ok(
      headerOf(answer, 'OCI-Filters-Applied')
        .split(/\s*,\s*/)
        .includes('artifactType'),
    )
    assert.deepEqual(
      byDigest(referrersOf(answer)),
      byDigest(expected.filter((each) => each.artifactType === artifactType)),
    )
  }
}

async function push({ client, repository }: ProtocolSession, made: MadeManifest): Promise<void> {
  await putContents(client, repository, made)
  const pushed = await sendManifest(client, repository, made, made.digest)
  expectStatus(pushed, 201)
  const document: unknown = JSON.parse(Buffer.from(made.bytes).toString())
  const subject =
    isRecord(document) && isRecord(document['subject']) ? document['subject']['digest'] : undefined
  expectHeader(pushed, 'OCI-Subject', String(subject))
}

function withSubject(subject: MadeManifest): MadeManifest {
  return makeArtifact({ fields: { subject: subject.descriptor } })
}

async function digests(
  { client, repository }: ProtocolSession,
  subject: MadeManifest,
): Promise<readonly unknown[]> {
  const answer = await client.ask(`/v2/${repository}/referrers/${subject.digest}`)
  return referrersOf(answer).map((each) => each['digest'])
}

function referrersOf(answer: ProtocolResponse): readonly Readonly<Record<string, unknown>>[] {
  expectStatus(answer, 200)
  expectHeader(answer, 'Content-Type', types.index)
  const index = jsonOf(answer)
  assert.ok(isRecord(index), `${answer.asked}: no object`)
  assert.equal(index['schemaVersion'], 2, `${answer.asked}: schemaVersion`)
  assert.equal(index['mediaType'], types.index, `${answer.asked}: mediaType`)
  const { manifests } = index
  assert.ok(Array.isArray(manifests), `${answer.asked}: no list`)
  return manifests.filter(isRecord)
}

function byDigest(
  descriptors: readonly Readonly<Record<string, unknown>>[],
): readonly Readonly<Record<string, unknown>>[] {
  return descriptors.toSorted((a, b) => (String(a['digest']) < String(b['digest']) ? -1 : 1))
}
