import { strict as assert } from 'node:assert'
import { expectBytes, expectError, expectHeader, expectStatus } from './expect-response.ts'
import { check, type ProtocolCheck } from './protocol-check.ts'
import { closeUpload, expectPushed, type PushBlob, putBlob, startUpload, waysToPush } from './push-blob.ts'
import { type Algorithm, namedContent, randomContent } from './random-content.ts'

/** Pushing and reading blobs, for each algorithm and each way. */
export const blobPushChecks: readonly ProtocolCheck[] = (['sha256', 'sha512'] as const).flatMap(
  (algorithm) => [
    ...Object.entries(waysToPush).flatMap(([way, push]) => [
      isPushed(way, push, algorithm),
      badDigestIsRefused(way, push, algorithm),
    ]),
    ...(['', '{}'] as const).map((text) => wellKnownBlob(text, algorithm)),
    ...blobLife(algorithm),
  ],
)

function isPushed(way: string, push: PushBlob, algorithm: Algorithm): ProtocolCheck {
  return check(`blob push: ${way} (${algorithm})`, async ({ client, repository }) => {
    const blob = randomContent(3 * 1024 - 5, algorithm)
    await expectPushed(client, await push(client, repository, blob), blob)
    const head = await client.ask(`/v2/${repository}/blobs/${blob.digest}`, { method: 'HEAD' })
    expectStatus(head, 200)
    expectHeader(head, 'Content-Length', String(blob.bytes.length))
    expectHeader(head, 'Docker-Content-Digest', blob.digest)
    assert.equal(head.body.length, 0, 'HEAD has a body')
  })
}

function badDigestIsRefused(way: string, push: PushBlob, algorithm: Algorithm): ProtocolCheck {
  return check(
    `blob push: ${way}, other bytes than the digest's (${algorithm})`,
    async ({ client, repository }) => {
      const { digest } = randomContent(3 * 1024, algorithm)
      const { bytes } = randomContent(3 * 1024)
      expectError(
        await push(client, repository, { digest, bytes }),
        400,
        'DIGEST_INVALID',
        'BLOB_UPLOAD_INVALID',
      )
      expectStatus(await client.ask(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' }), 404)
    },
  )
}

function wellKnownBlob(text: '' | '{}', algorithm: Algorithm): ProtocolCheck {
  return check(`blob push: ${text === '' ? 'no bytes at all' : text} (${algorithm})`, async (session) => {
    const { client, repository } = session
    const blob = namedContent(Buffer.from(text), algorithm)
    await expectPushed(client, await waysToPush['in one POST'](client, repository, blob), blob)
    await expectPushed(client, await waysToPush['POST then PUT'](client, repository, blob), blob)
    const read = await client.ask(`/v2/${repository}/blobs/${blob.digest}`)
    expectStatus(read, 200)
    expectBytes(read, blob.bytes)
  })
}

function blobLife(algorithm: Algorithm): readonly ProtocolCheck[] {
  return [
    check(`blob: one that was never pushed (${algorithm})`, async ({ client, repository }) => {
      const path = `/v2/${repository}/blobs/${randomContent(16, algorithm).digest}`
      expectError(await client.ask(path), 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN')
      const head = await client.ask(path, { method: 'HEAD' })
      expectStatus(head, 404)
      assert.equal(head.body.length, 0, 'HEAD has a body')
      expectStatus(await client.ask(path, { method: 'DELETE' }), 404)
    }),
    check(`blob: gone at once after its deletion, and pushed again (${algorithm})`, async (session) => {
      const { client, repository } = session
      const blob = randomContent(512, algorithm)
      const path = `/v2/${repository}/blobs/${blob.digest}`
      await putBlob(client, repository, blob)
      expectStatus(await client.ask(path, { method: 'DELETE' }), 202)
      expectStatus(await client.ask(path, { method: 'HEAD' }), 404)
      expectError(await client.ask(path), 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN')
      expectStatus(await client.ask(path, { method: 'DELETE' }), 404)
      await putBlob(client, repository, blob)
      expectStatus(await client.ask(path, { method: 'HEAD' }), 200)
    }),
    check(`blob: not readable through a repository without it (${algorithm})`, async (session) => {
      const { client, repository, otherRepository } = session
      const blob = randomContent(512, algorithm)
      await putBlob(client, repository, blob)
      await putBlob(client, otherRepository, randomContent(16))
      const path = `/v2/${otherRepository}/blobs/${blob.digest}`
      expectError(await client.ask(path), 404, 'BLOB_UNKNOWN')
      expectStatus(await client.ask(path, { method: 'HEAD' }), 404)
    }),
    check(
      `blob push: the algorithm named at the beginning (${algorithm})`,
      async ({ client, repository }) => {
        const blob = randomContent(700, algorithm)
        const started = await client.ask(`/v2/${repository}/blobs/uploads/?digest-algorithm=${algorithm}`, {
          method: 'POST',
        })
        expectStatus(started, 202)
        const location = new URL(String(started.headers.location), started.url)
        await expectPushed(client, await closeUpload(client, location, blob.digest, blob.bytes), blob)
      },
    ),
    check(`blob push: two at once of the same bytes (${algorithm})`, async ({ client, repository }) => {
      const blob = randomContent(4096, algorithm)
      const locations = await Promise.all([1, 2].map(() => startUpload(client, repository)))
      const pushed = await Promise.all(
        locations.map((location) => closeUpload(client, location, blob.digest, blob.bytes)),
      )
      for (const each of pushed) await expectPushed(client, each, blob)
    }),
  ]
}
