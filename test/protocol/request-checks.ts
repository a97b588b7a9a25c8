import { strict as assert } from 'node:assert'
import { expectError, expectStatus } from './expect-response.ts'
import { check, type ProtocolCheck } from './protocol-check.ts'
import { putBlob, startUpload } from './push-blob.ts'
import { randomContent } from './random-content.ts'

/** Requests that are not as they should be, and the base of the API. */
export const requestChecks: readonly ProtocolCheck[] = [
  check('base: /v2/ answers', async ({ client }) => {
    expectStatus(await client.ask('/v2/'), 200)
    const head = await client.ask('/v2/', { method: 'HEAD' })
    expectStatus(head, 200)
    assert.equal(head.body.length, 0)
  }),
  check('errors: names that are none', async ({ client }) => {
    for (const name of ['UPPER', 'a//b', '-a', 'a/../b', 'a/./b', 'a__-b', `a/${'b'.repeat(300)}`]) {
      expectError(await client.ask(`/v2/${name}/tags/list`), [400, 404])
      expectError(await client.ask(`/v2/${name}/blobs/uploads/`, { method: 'POST' }), [400, 404])
    }
  }),
  check('errors: encodings that are none, and encoded slashes', async ({ client, repository }) => {
    for (const part of ['%', '%zz', '%C0%AF', '%00', 'a%2Fb', '%2e%2e', '%2E%2E%2Fx']) {
      expectError(await client.ask(`/v2/${part}/manifests/latest`), [400, 404])
      expectError(await client.ask(`/v2/${repository}/manifests/${part}`), [400, 404])
      expectError(await client.ask(`/v2/${repository}/blobs/${part}`), [400, 404])
    }
  }),
  check('errors: a blob that is no digest', async ({ client, repository }) => {
    for (const digest of ['sha256:bad', 'sha256', `sha256:${'z'.repeat(64)}`, `md5:${'0'.repeat(32)}`]) {
      expectError(await client.ask(`/v2/${repository}/blobs/${digest}`), 400, 'DIGEST_INVALID')
      expectStatus(await client.ask(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' }), 400)
    }
  }),
  check('errors: a method that an address does not have', async ({ client, repository }) => {
    const blob = randomContent(16)
    await putBlob(client, repository, blob)
    for (const [method, path] of [
      ['PUT', `blobs/${blob.digest}`],
      ['POST', `blobs/${blob.digest}`],
      ['POST', 'tags/list'],
      ['DELETE', 'tags/list'],
      ['PATCH', 'manifests/latest'],
      ['POST', `referrers/${blob.digest}`],
    ] as const) {
      expectError(await client.ask(`/v2/${repository}/${path}`, { method }), [404, 405])
    }
  }),
  check('errors: an address that nobody knows', async ({ client, repository }) => {
    for (const path of [
      `/v2/${repository}`,
      `/v2/${repository}/nothing/here`,
      '/v2/_unknown',
      '/v2/tags/list',
    ]) {
      expectError(await client.ask(path), 404)
    }
  }),
  check('errors: a Content-Range that is none', async ({ client, repository }) => {
    for (const range of ['x', '1-0', '0-', '-5', '0-99999999999999999999', 'bytes 0-1/2']) {
      const location = await startUpload(client, repository)
      const answer = await client.ask(location, {
        method: 'PATCH',
        headers: { 'content-range': range, 'content-type': 'application/octet-stream' },
        body: Buffer.from('xx'),
      })
      expectStatus(answer, 400, 416)
      expectStatus(await client.ask(location), 204)
    }
  }),
]
