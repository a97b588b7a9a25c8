import type { FixtureContent, FixtureImage } from '../fixtures/build-image.ts'

/** Puts an image into a registry that asks for no password, by plain requests, without Lading or another tool. */
export async function uploadImage(
  host: string,
  repository: string,
  tag: string,
  image: FixtureImage,
): Promise<void> {
  for (const content of image.contents) {
    if (isManifest(content)) await putManifest(host, repository, content.descriptor.digest, content)
    else await putBlob(host, repository, content)
  }
  await putManifest(host, repository, tag, image)
}

async function putBlob(
  host: string,
  repository: string,
  { descriptor, bytes }: FixtureContent,
): Promise<void> {
  const blob = `http://${host}/v2/${repository}/blobs/${descriptor.digest}`
  if ((await fetch(blob, { method: 'HEAD' })).ok) return
  const started = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(started.headers.get('location') ?? '', started.url)
  location.searchParams.set('digest', descriptor.digest)
  const body = new Blob([Uint8Array.from(bytes)])
  await expectCreated(await fetch(location, { method: 'PUT', body }), blob)
}

async function putManifest(
  host: string,
  repository: string,
  name: string,
  { descriptor, bytes }: Pick<FixtureContent, 'descriptor' | 'bytes'>,
): Promise<void> {
  const url = `http://${host}/v2/${repository}/manifests/${name}`
  const headers = { 'content-type': descriptor.mediaType }
  await expectCreated(await fetch(url, { method: 'PUT', headers, body: Uint8Array.from(bytes) }), url)
}

async function expectCreated(response: Response, url: string): Promise<void> {
  const said = await response.text()
  if (response.status !== 201) throw new Error(`PUT ${url}: ${response.status} ${said}`)
}

function isManifest({ descriptor }: FixtureContent): boolean {
  return /(?:manifest|index)\.(?:list\.)?v\d+\+json$/.test(descriptor.mediaType)
}
