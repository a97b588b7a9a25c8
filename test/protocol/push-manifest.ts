import { expectBytes, expectHeader, expectStatus, locationOf } from './expect-response.ts'
import type { ProtocolClient, ProtocolResponse } from './protocol-client.ts'
import type { MadeManifest } from './protocol-data.ts'
import { putBlob } from './push-blob.ts'

/** Pushes what a manifest needs, and the manifests below it; not the manifest itself. */
export async function putContents(
  client: ProtocolClient,
  repository: string,
  made: MadeManifest,
): Promise<void> {
  for (const blob of made.blobs) await putBlob(client, repository, blob)
  for (const child of made.children) await putManifest(client, repository, child)
}

/** Pushes a manifest with everything below it, by its digest unless a tag is named. */
export async function putManifest(
  client: ProtocolClient,
  repository: string,
  made: MadeManifest,
  reference: string = made.digest,
): Promise<void> {
  await putContents(client, repository, made)
  await expectManifestPushed(client, await sendManifest(client, repository, made, reference), made)
}

/** Sends a manifest alone and gives the answer. */
export function sendManifest(
  client: ProtocolClient,
  repository: string,
  { mediaType, bytes }: Pick<MadeManifest, 'mediaType' | 'bytes'>,
  reference: string,
): Promise<ProtocolResponse> {
  return client.ask(`/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: bytes,
  })
}

/** @throws {AssertionError} unless the push was accepted and the manifest is where the answer says. */
export async function expectManifestPushed(
  client: ProtocolClient,
  pushed: ProtocolResponse,
  made: MadeManifest,
): Promise<void> {
  expectStatus(pushed, 201)
  expectHeader(pushed, 'Docker-Content-Digest', made.digest)
  expectManifest(await client.ask(locationOf(pushed), { headers: accept }), made)
}

/** @throws {AssertionError} unless the answer is this manifest, byte for byte. */
export function expectManifest(read: ProtocolResponse, made: MadeManifest): void {
  expectStatus(read, 200)
  expectBytes(read, made.bytes)
  expectManifestHeaders(read, made)
}

/** @throws {AssertionError} unless the headers are this manifest's; for HEAD too. */
export function expectManifestHeaders(answer: ProtocolResponse, made: MadeManifest): void {
  expectStatus(answer, 200)
  expectHeader(answer, 'Content-Type', made.mediaType)
  expectHeader(answer, 'Content-Length', String(made.bytes.length))
  expectHeader(answer, 'Docker-Content-Digest', made.digest)
}

export const accept: { readonly accept: string } = {
  accept: [
    'application/vnd.oci.image.index.v1+json',
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.distribution.manifest.list.v2+json',
  ].join(', '),
}
