import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildImage, type FixtureImage } from '../../test/fixtures/build-image.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { RegistryProcess } from './registry-process.ts'

/** Puts a small image under many tags of one repository: `tag-00000` and on. */
export async function fillTags(registry: RegistryProcess, repository: string, count: number): Promise<void> {
  const image = smallImage()
  await uploadImage(registry.host, repository, 'latest', image)
  const tags = numbered('tag', count)
  if (isDistribution(registry)) await linkTags(registry, repository, image, tags)
  else await eachOf(tags, (tag) => putManifest(registry.host, repository, tag, image))
}

/** Puts a small image into many repositories: `catalog/repository-00000` and on. */
export async function fillCatalog(registry: RegistryProcess, count: number): Promise<void> {
  const image = smallImage()
  await uploadImage(registry.host, 'catalog/first', 'latest', image)
  await eachOf(numbered('catalog/repository', count), async (repository) => {
    if (isDistribution(registry)) {
      await linkTags(registry, repository, image, ['latest'])
      return
    }
    for (const { descriptor } of image.contents.filter(
      ({ descriptor: { digest } }) => digest !== image.descriptor.digest,
    )) {
      const uploads = `http://${registry.host}/v2/${repository}/blobs/uploads/`
      const query = new URLSearchParams({ mount: descriptor.digest, from: 'catalog/first' })
      await expectStatus(await fetch(`${uploads}?${query.toString()}`, { method: 'POST' }), 201)
    }
    await putManifest(registry.host, repository, 'latest', image)
  })
}

/** An image whose manifest has about 550 bytes. */
export function smallImage(): FixtureImage {
  return buildImage({ layers: [{ files: { hello: 'world' } }] })
}

function numbered(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `${name}-${String(number).padStart(5, '0')}`)
}

function isDistribution({ name }: RegistryProcess): boolean {
  return name !== 'Lading'
}

/** Writes the links that distribution keeps for a tag: pushing 20,000 of them would take it minutes. */
async function linkTags(
  { data }: RegistryProcess,
  repository: string,
  { descriptor: { digest } }: FixtureImage,
  tags: readonly string[],
): Promise<void> {
  const manifests = join(data, 'docker', 'registry', 'v2', 'repositories', repository, '_manifests')
  const hex = digest.slice('sha256:'.length)
  const links = [
    join('revisions', 'sha256', hex, 'link'),
    ...tags.flatMap((tag) => [
      join('tags', tag, 'current', 'link'),
      join('tags', tag, 'index', 'sha256', hex, 'link'),
    ]),
  ]
  await eachOf(links, async (link) => {
    await mkdir(dirname(join(manifests, link)), { recursive: true })
    await writeFile(join(manifests, link), digest)
  })
}

async function putManifest(
  host: string,
  repository: string,
  tag: string,
  { descriptor, bytes }: FixtureImage,
): Promise<void> {
  const url = `http://${host}/v2/${repository}/manifests/${tag}`
  const headers = { 'content-type': descriptor.mediaType }
  await expectStatus(await fetch(url, { method: 'PUT', headers, body: Uint8Array.from(bytes) }), 201)
}

async function expectStatus(response: Response, expected: number): Promise<void> {
  const said = await response.text()
  if (response.status !== expected) throw new Error(`${response.url}: ${response.status} ${said}`)
}

/** Eight at once. */
async function eachOf<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of left) await act(item)
    }),
  )
}
