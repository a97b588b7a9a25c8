import { strict as assert } from 'node:assert'
import { expectError, expectStatus, headerOf, locationOf } from './expect-response.ts'
import { check, type ProtocolCheck, type ProtocolSession } from './protocol-check.ts'
import { closeUpload, expectPushed, sendChunk, startUpload } from './push-blob.ts'
import { type Algorithm, type RandomContent, randomContent } from './random-content.ts'

const chunk = 1024

/** Sessions of uploads: their state, chunks out of order, their end. */
export const uploadChecks: readonly ProtocolCheck[] = [
  ...(['sha256', 'sha512'] as const).flatMap((algorithm) => [
    check(`upload: chunks out of order are 416 and the upload goes on (${algorithm})`, (session) =>
      outOfOrder(session, algorithm, false),
    ),
    check(`upload: a closing chunk out of order is 416 and the upload goes on (${algorithm})`, (session) =>
      outOfOrder(session, algorithm, true),
    ),
  ]),
  check('upload: its state says how many bytes have arrived', async ({ client, repository }) => {
    const { bytes } = randomContent(chunk)
    const location = await startUpload(client, repository)
    expectStatus(await client.ask(location), 204)
    const patched = await sendChunk(client, location, bytes, 0)
    const state = await client.ask(locationOf(patched))
    expectStatus(state, 204)
    assert.equal(headerOf(state, 'Range'), `0-${chunk - 1}`, `${state.asked}: Range`)
    locationOf(state)
  }),
  check('upload: resumed where it stands', async ({ client, repository }) => {
    const blob = randomContent(chunk * 2)
    const location = await startUpload(client, repository)
    await sendChunk(client, location, blob.bytes.subarray(0, chunk), 0)
    const state = await client.ask(location)
    const next = Number(/^0-(\d+)$/.exec(headerOf(state, 'Range'))?.[1]) + 1
    assert.equal(next, chunk)
    const patched = await sendChunk(client, locationOf(state), blob.bytes.subarray(next), next)
    expectStatus(patched, 202)
    await expectPushed(client, await closeUpload(client, locationOf(patched), blob.digest), blob)
  }),
  check('upload: cancelled', async ({ client, repository }) => {
    const { bytes, digest } = randomContent(chunk)
    const location = await startUpload(client, repository)
    await sendChunk(client, location, bytes, 0)
    expectStatus(await client.ask(location, { method: 'DELETE' }), 204)
    expectError(await client.ask(location), 404, 'BLOB_UPLOAD_UNKNOWN')
    expectError(await closeUpload(client, location, digest), 404, 'BLOB_UPLOAD_UNKNOWN')
  }),
  check('upload: ends with its blob', async ({ client, repository }) => {
    const { bytes, digest } = randomContent(chunk)
    const location = await startUpload(client, repository)
    expectStatus(await closeUpload(client, location, digest, bytes), 201)
    expectError(await client.ask(location), 404, 'BLOB_UPLOAD_UNKNOWN')
  }),
  check('upload: not known in another repository', async ({ client, repository, otherRepository }) => {
    const location = await startUpload(client, repository)
    const elsewhere = new URL(location)
    elsewhere.pathname = elsewhere.pathname.replace(`/${repository}/`, `/${otherRepository}/`)
    expectError(await client.ask(elsewhere), 404, 'BLOB_UPLOAD_UNKNOWN')
    expectStatus(await client.ask(elsewhere, { method: 'PUT', body: Buffer.from('x') }), 400, 404)
    expectStatus(await client.ask(location), 204)
  }),
  check('upload: one that nobody began', async ({ client, repository }) => {
    const location = await startUpload(client, repository)
    await client.ask(location, { method: 'DELETE' })
    expectStatus(await sendChunk(client, location, Buffer.from('x'), 0), 404)
    const path = `/v2/${repository}/blobs/uploads/1b671a64-40d5-491e-99b0-da01ff1f3341`
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expectStatus(await client.ask(path, { method }), 404)
    }
  }),
  check('upload: closed without a digest, or with none that is one', async ({ client, repository }) => {
    const location = await startUpload(client, repository)
    expectError(await client.ask(location, { method: 'PUT', body: Buffer.from('x') }), 400)
    for (const digest of ['sha256:baddigest', 'md5:0123', '../../etc', 'sha256:' + 'G'.repeat(64)]) {
      expectError(await closeUpload(client, location, digest, Buffer.from('x')), 400, 'DIGEST_INVALID')
    }
  }),
]

/** Sends each chunk but the first a place too far, or at the beginning again, before it is sent where it belongs. */
async function outOfOrder(
  { client, repository }: ProtocolSession,
  algorithm: Algorithm,
  lastInPut: boolean,
): Promise<void> {
  const blob = randomContent(chunk * 3 - 5, algorithm)
  const { bytes, digest } = blob
  let location = await startUpload(client, repository)
  for (let from = 0; from < bytes.length; from += chunk) {
    const wrong = from + chunk < bytes.length ? from + chunk : 0
    const wrongBytes = bytes.subarray(wrong, wrong + chunk)
    const closes = lastInPut && wrong + chunk >= bytes.length
    const refused = closes
      ? await closeUpload(client, location, digest, wrongBytes, wrong)
      : await sendChunk(client, location, wrongBytes, wrong)
    expectStatus(refused, 416)
    const asked = new URL(location)
    if (closes) asked.searchParams.set('digest', digest)
    const state = await client.ask(asked)
    expectStatus(state, 204)
    if (from > 0) assert.equal(headerOf(state, 'Range'), `0-${from - 1}`, `${state.asked}: Range`)
    else assert.match(headerOf(state, 'Range'), /^0-\d+$/)
    location = locationOf(state)
    const right = bytes.subarray(from, from + chunk)
    if (lastInPut && from + chunk >= bytes.length) {
      await expectPushed(client, await closeUpload(client, location, digest, right, from), blob)
      return
    }
    const patched = await sendChunk(client, location, right, from)
    expectStatus(patched, 202)
    location = locationOf(patched)
  }
  await closed({ client, location, blob })
}

async function closed({
  client,
  location,
  blob,
}: Pick<ProtocolSession, 'client'> & {
  readonly location: URL
  readonly blob: RandomContent
}): Promise<void> {
  await expectPushed(client, await closeUpload(client, location, blob.digest), blob)
}
