import { strict as assert } from 'node:assert'
import { expectBytes, expectHeader, expectStatus, headerOf, locationOf } from './expect-response.ts'
import type { ProtocolClient, ProtocolResponse } from './protocol-client.ts'
import type { RandomContent } from './random-content.ts'

/** A way to push a blob; gives the answer to the request that should end it with 201. */
export type PushBlob = (
  client: ProtocolClient,
  repository: string,
  blob: RandomContent,
) => Promise<ProtocolResponse>

const octets = { 'content-type': 'application/octet-stream' }

/** What the ways of the specification are called in the names of checks. */
export type WayToPush =
  | 'in one POST'
  | 'POST then PUT'
  | 'in one chunk'
  | 'in three chunks'
  | 'in three chunks, the last with the PUT'
  | 'streamed'
  | 'streamed in the PUT'

/** The ways to push a blob. */
export const waysToPush: Readonly<Record<WayToPush, PushBlob>> = {
  'in one POST': (client, repository, { digest, bytes }) =>
    client.ask(`/v2/${repository}/blobs/uploads/?digest=${encodeURIComponent(digest)}`, {
      method: 'POST',
      headers: octets,
      body: bytes,
    }),
  'POST then PUT': async (client, repository, blob) => {
    const location = await startUpload(client, repository)
    return closeUpload(client, location, blob.digest, blob.bytes)
  },
  'in one chunk': (client, repository, blob) => pushChunks(client, repository, blob, blob.bytes.length),
  'in three chunks': (client, repository, blob) =>
    pushChunks(client, repository, blob, Math.ceil(blob.bytes.length / 3)),
  'in three chunks, the last with the PUT': (client, repository, blob) =>
    pushChunks(client, repository, blob, Math.ceil(blob.bytes.length / 3), { lastInPut: true }),
  streamed: async (client, repository, { digest, bytes }) => {
    const location = await startUpload(client, repository)
    const patched = await client.ask(location, {
      method: 'PATCH',
      headers: octets,
      body: bytes,
      streamed: true,
    })
    expectStatus(patched, 202)
    return closeUpload(client, locationOf(patched), digest)
  },
  'streamed in the PUT': async (client, repository, { digest, bytes }) => {
    const location = await startUpload(client, repository)
    location.searchParams.set('digest', digest)
    return client.ask(location, { method: 'PUT', headers: octets, body: bytes, streamed: true })
  },
}

/** Begins an upload and gives where it goes on. */
export async function startUpload(client: ProtocolClient, repository: string): Promise<URL> {
  const started = await client.ask(`/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  expectStatus(started, 202)
  return locationOf(started)
}

/** Sends bytes `from`…, and gives the answer. */
export function sendChunk(
  client: ProtocolClient,
  location: URL,
  bytes: Uint8Array,
  from: number,
): Promise<ProtocolResponse> {
  return client.ask(location, {
    method: 'PATCH',
    headers: { ...octets, 'content-range': `${from}-${from + bytes.length - 1}` },
    body: bytes,
  })
}

/** Ends an upload, with its last bytes where there are some, and gives the answer. */
export function closeUpload(
  client: ProtocolClient,
  location: URL,
  digest: string,
  bytes?: Uint8Array,
  from?: number,
): Promise<ProtocolResponse> {
  const closing = new URL(location)
  closing.searchParams.set('digest', digest)
  return client.ask(closing, {
    method: 'PUT',
    headers: {
      ...octets,
      ...(from === undefined || bytes === undefined
        ? {}
        : { 'content-range': `${from}-${from + bytes.length - 1}` }),
    },
    ...(bytes === undefined ? {} : { body: bytes }),
  })
}

/** @throws {AssertionError} unless the push was accepted and the blob is where the answer says. */
export async function expectPushed(
  client: ProtocolClient,
  pushed: ProtocolResponse,
  { digest, bytes }: RandomContent,
): Promise<void> {
  expectStatus(pushed, 201)
  expectHeader(pushed, 'Docker-Content-Digest', digest)
  const read = await client.ask(locationOf(pushed))
  expectStatus(read, 200)
  expectBytes(read, bytes)
}

/** Pushes a blob in the plainest way; for checks of something else. */
export async function putBlob(
  client: ProtocolClient,
  repository: string,
  blob: RandomContent,
): Promise<void> {
  expectStatus(await waysToPush['POST then PUT'](client, repository, blob), 201)
}

async function pushChunks(
  client: ProtocolClient,
  repository: string,
  { digest, bytes }: RandomContent,
  size: number,
  { lastInPut = false } = {},
): Promise<ProtocolResponse> {
  let location = await startUpload(client, repository)
  for (let from = 0; from < bytes.length; from += size) {
    const chunk = bytes.subarray(from, from + size)
    if (lastInPut && from + size >= bytes.length) return closeUpload(client, location, digest, chunk, from)
    const patched = await sendChunk(client, location, chunk, from)
    expectStatus(patched, 202)
    assert.equal(headerOf(patched, 'Range'), `0-${from + chunk.length - 1}`, `${patched.asked}: Range`)
    location = locationOf(patched)
  }
  return closeUpload(client, location, digest)
}
