import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { readTar } from '../archive/index.ts'
import type { Fetcher } from '../content/index.ts'
import { type Descriptor, digestOf } from '../oci/index.ts'
import { exportTree, readLayers } from './index.ts'

const directory = join(import.meta.dirname, '../../../shared/testdata/images')
const archives = (await readdir(directory).catch(() => [])).filter(
  (name) => name.startsWith('ggcr-w') || name.startsWith('dive-test-docker'),
)

describe.skipIf(archives.length === 0)('the layers of image archives at hand', () => {
  test.each(archives)('%s: the export has the files of the tree', async (name) => {
    const { fetcher, layers } = await openDockerArchive(await readFile(join(directory, name)))
    const tree = await readLayers(fetcher, layers)
    const exported = new Set<string>()
    for await (const { path } of readTar(exportTree(fetcher, layers))) if (path !== '.') exported.add(path)
    const listed = [...tree.files()].filter(({ path, type }) => type !== 'directory' || exported.has(path))
    expect(listed.length).toBeGreaterThan(0)
    expect(new Set(listed.map(({ path }) => path))).toEqual(exported)
  })

  test('ggcr-whiteout_image.tar: its whiteout removes foo.txt and nothing else', async () => {
    const { fetcher, layers } = await openDockerArchive(
      await readFile(join(directory, 'ggcr-whiteout_image.tar')),
    )
    const tree = await readLayers(fetcher, layers)
    expect([...tree.files()].map(({ path }) => path)).toEqual(['bar.txt'])
  })
})

async function openDockerArchive(bytes: Buffer): Promise<{ fetcher: Fetcher; layers: Descriptor[] }> {
  const files = new Map<string, Buffer>()
  for await (const entry of readTar(Readable.from([bytes], { objectMode: false }))) {
    files.set(entry.type === 'symlink' ? '' : entry.path, Buffer.from(await entry.bytes(1 << 24)))
  }
  const [, list = ''] = /"Layers":\s*\[(.*?)\]/.exec(files.get('manifest.json')?.toString() ?? '') ?? []
  const blobs = [...list.matchAll(/"(.*?)"/g)].map(([, path = '']) => files.get(path) ?? Buffer.alloc(0))
  const layers = blobs.map((blob) => ({ mediaType: 'layer', digest: digestOf(blob), size: blob.length }))
  const fetcher: Fetcher = {
    fetch: async ({ digest }) =>
      Readable.from([blobs.find((blob) => digestOf(blob) === digest)], { objectMode: false }),
  }
  return { fetcher, layers }
}
