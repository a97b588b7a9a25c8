import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  DamagedContentError,
  fetchBytes,
  fetchVerified,
  LimitExceededError,
  UnsupportedError,
} from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { childrenOf, digestHex, digestOf, mediaTypes, parseManifest } from '../../oci/index.ts'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  type FixtureImage,
  type FixtureImageOptions,
} from '../../../test/fixtures/build-image.ts'
import { collect } from '../../../test/fixtures/collect.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { type FixtureFile, type FixtureTree, writeTar } from '../../../test/fixtures/write-tar.ts'
import type { ArchiveSource } from '../archive-source.ts'
import { openOciArchive } from '../oci-archive/open-oci-archive.ts'
import { createDockerArchive } from './create-docker-archive.ts'
import { openDockerArchive } from './open-docker-archive.ts'

const realImages = join(import.meta.dirname, '../../../../shared/testdata/images')

const plain = {
  layers: [{ files: { 'a.txt': 'a' }, compression: 'none' }],
} as const satisfies FixtureImageOptions
const image = buildImage(plain)
const other = buildImage({ layers: [{ files: { 'b.txt': 'b' }, compression: 'none' }] })

let scratch: string
let path: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lading-docker-'))
  path = join(scratch, 'image.tar')
})

afterEach(async () => {
  await rm(scratch, { recursive: true })
})

describe('openDockerArchive() on the old form', () => {
  test('puts a manifest together that names config and layers as they are stored, media types told by the bytes', async () => {
    const mixed = buildImage({
      layers: [
        { files: { a: '1' }, compression: 'none' },
        { files: { b: '2' }, compression: 'gzip' },
        { files: { c: '3' }, compression: 'zstd' },
      ],
    })
    await using source = await openTree(oldForm({ 'demo:1': mixed }))
    const descriptor = await source.resolve('demo:1')
    expect(descriptor).toMatchObject({
      mediaType: mediaTypes.ociManifest,
      platform: { os: 'linux', architecture: 'amd64' },
    })
    const manifest = parseManifest(await fetchBytes(source, descriptor))
    expect(childrenOf(manifest)).toEqual(
      childrenOf(parseManifest(mixed.bytes)).map(({ mediaType, digest, size }) => ({
        mediaType,
        digest,
        size,
      })),
    )
    for (const { descriptor: child, bytes } of mixed.contents.slice(0, -1)) {
      expect(await fetchBytes(source, child)).toEqual(Buffer.from(bytes))
    }
  })

  test('gives the same manifest from the same archive, however it is compressed or comes', async () => {
    const tar = writeTar(oldForm({ 'demo:1': image }))
    const digests = new Set<string>()
    for (const input of [tar, gzipSync(tar)]) {
      await writeFile(path, input)
      await using fromFile = await openDockerArchive(path)
      digests.add((await fromFile.resolve('')).digest)
      await using fromStream = await openDockerArchive(Readable.from([input], { objectMode: false }))
      digests.add((await fromStream.resolve('')).digest)
    }
    expect(digests.size).toBe(1)
  })

  test.each(['demo:1', 'docker.io/library/demo:1', 'index.docker.io/demo:1', '@0'])(
    'finds an image as %s',
    async (name) => {
      await using source = await openTree(oldForm({ 'demo:1': image, other }))
      const { digest } = await source.resolve(name)
      expect(await source.resolve(digest)).toMatchObject({ digest })
      expect(await source.resolve(configOf(image))).toMatchObject({ digest })
    },
  )

  test('chooses among several images by name only, and lists them', async () => {
    await using source = await openTree(oldForm({ 'demo:1': image, 'other:latest': other }))
    expect(await source.resolve('other')).toMatchObject({ platform: { os: 'linux' } })
    await expect(source.resolve('')).rejects.toThrow(UsageError)
    await expect(source.resolve('')).rejects.toMatchObject({
      hint: 'Name one of them: demo:1, other:latest.',
    })
    await expect(source.resolve('demo:2')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'There are: demo:1, other:latest.',
    })
    expect(await collect(source.tags())).toEqual(['demo:1', 'other:latest'])
  })

  test('follows links between layers', async () => {
    const twice = buildImage({ layers: [...plain.layers, ...plain.layers] })
    const tree = oldForm({ 'demo:1': twice })
    const [first = '', second = ''] = Object.keys(tree).filter((name) => name.endsWith('/layer.tar'))
    await using source = await openTree({ ...tree, [second]: { type: 'symlink', target: `../${first}` } })
    const manifest = parseManifest(await fetchBytes(source, await source.resolve('demo:1')))
    expect(childrenOf(manifest).slice(1)).toEqual([image.layers[0], image.layers[0]])
  })

  test.each<[string, (tree: Record<string, FixtureFile>) => void, RegExp]>([
    [
      'manifest.json that is not JSON',
      (tree) => (tree['manifest.json'] = '[{'),
      /manifest\.json of .* is not JSON/,
    ],
    ['manifest.json that is no list', (tree) => (tree['manifest.json'] = '{}'), /not a list of images/],
    ['an image without config', (tree) => (tree['manifest.json'] = '[{"Layers":[]}]'), /\[0\]\.Config/],
    [
      'layers that are no paths',
      (tree) => (tree['manifest.json'] = '[{"Config":"a","Layers":[1]}]'),
      /\[0\]\.Layers/,
    ],
    [
      'a config that leads out',
      (tree) => edit(tree, 'Config', () => '../../etc/passwd'),
      /leads out of the archive/,
    ],
    [
      'a layer that leads out',
      (tree) => edit(tree, 'Layers', () => ['../x/layer.tar']),
      /leads out of the archive/,
    ],
    [
      'a layer that is missing',
      (tree) => edit(tree, 'Layers', () => ['x/layer.tar']),
      /there is no file "x\/layer\.tar"/,
    ],
    [
      'fewer layers than the config has',
      (tree) => edit(tree, 'Layers', () => []),
      /names 0 layers .* names 1/,
    ],
    [
      'a link to itself',
      (tree) => (tree[layerOf(tree)] = { type: 'symlink', target: 'layer.tar' }),
      /more than 16 links/,
    ],
    [
      'a layer that is another one',
      (tree) => (tree[layerOf(tree)] = writeTar({ x: 'y' })),
      /the image's config says sha256:/,
    ],
    ['a config that is not one', (tree) => (tree[Object.keys(tree)[0] ?? ''] = '{}'), /image config/],
  ])('refuses %s', async (_, damage, problem) => {
    const tree = { ...oldForm({ 'demo:1': image }) }
    damage(tree)
    await expect(
      openTree(tree).then(async (source) => {
        await using opened = source
        return await opened.resolve('')
      }),
    ).rejects.toThrow(problem)
  })

  test('refuses layers in a compression that images do not use', async () => {
    const tree = { ...oldForm({ 'demo:1': image }) }
    tree[layerOf(tree)] = Buffer.from('fd377a585a0000', 'hex')
    await using source = await openTree(tree)
    await expect(source.resolve('')).rejects.toThrow(UnsupportedError)
  })

  test('refuses a manifest.json that is too large', async () => {
    const tree = { ...oldForm({ 'demo:1': image }), 'manifest.json': ' '.repeat(17 * 1024 * 1024) }
    await expect(openTree(tree)).rejects.toThrow(LimitExceededError)
  })

  test('refuses a file system, and a file that is no archive', async () => {
    await expect(openTree({ 'etc/passwd': 'root' })).rejects.toThrow(/there is no file manifest\.json/)
    await writeFile(path, 'not a tar archive'.repeat(100))
    await expect(openDockerArchive(path)).rejects.toThrow(DamagedContentError)
  })
})

describe('openDockerArchive() on the form of Docker 25', () => {
  test('gives the exact bytes of a manifest that no index lists', async () => {
    const blobs = Object.fromEntries(
      image.contents.map(({ descriptor, bytes }) => [blob(descriptor.digest), bytes]),
    )
    await using source = await openTree({
      ...blobs,
      'index.json': '{"schemaVersion":2,"manifests":null}',
      'manifest.json': JSON.stringify([
        {
          Config: blob(configOf(image)),
          RepoTags: null,
          Layers: image.layers.map(({ digest }) => blob(digest)),
        },
      ]),
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    })
    expect(await source.resolve('')).toMatchObject({ digest: image.descriptor.digest })
    expect(await source.resolve(configOf(image))).toMatchObject({ digest: image.descriptor.digest })
  })
})

describe('createDockerArchive()', () => {
  test('writes what Docker reads, and a layout with the same blobs', async () => {
    const index = buildIndex([
      image,
      buildImage({ ...plain, platform: { os: 'linux', architecture: 'arm64' } }),
    ])
    await using target = createDockerArchive(path, { platform: { os: 'linux', architecture: 'arm64' } })
    await pushImage(target, index, 'demo:1')
    await target.tag(index.descriptor, 'ghcr.io/acme/demo:1')
    await pushImage(target, other, 'other')
    await target.commit()

    const files = await unpacked(path)
    const arm = index.images[1] ?? image
    expect(JSON.parse(files.get('manifest.json') ?? '')).toEqual([
      {
        Config: blob(configOf(arm)),
        RepoTags: ['demo:1', 'ghcr.io/acme/demo:1'],
        Layers: arm.layers.map(({ digest }) => blob(digest)),
      },
      {
        Config: blob(configOf(other)),
        RepoTags: ['other:latest'],
        Layers: other.layers.map(({ digest }) => blob(digest)),
      },
    ])
    expect(JSON.parse(files.get('index.json') ?? '')).toMatchObject({
      manifests: [
        {
          digest: index.descriptor.digest,
          annotations: {
            'io.containerd.image.name': 'docker.io/library/demo:1',
            'org.opencontainers.image.ref.name': 'demo:1',
          },
        },
        {
          digest: index.descriptor.digest,
          annotations: {
            'io.containerd.image.name': 'ghcr.io/acme/demo:1',
            'org.opencontainers.image.ref.name': 'ghcr.io/acme/demo:1',
          },
        },
        {
          digest: other.descriptor.digest,
          annotations: {
            'io.containerd.image.name': 'docker.io/library/other:latest',
            'org.opencontainers.image.ref.name': 'latest',
          },
        },
      ],
    })
  })

  test('gives whole indexes back by every name, and the only image without one', async () => {
    const index = buildIndex([image, other])
    await using target = createDockerArchive(path)
    await pushImage(target, index, 'demo:1')
    await pushImage(target, buildArtifact({ subject: index.descriptor }))
    await target.commit()
    await using source = await openDockerArchive(path)
    for (const name of ['demo:1', 'docker.io/library/demo:1', '', '@0', index.descriptor.digest]) {
      expect(await source.resolve(name)).toMatchObject({ digest: index.descriptor.digest })
    }
    expect(await source.referrers(index.descriptor.digest)).toHaveLength(1)
    expect(await collect(source.tags())).toEqual(['demo:1'])
    await using oci = await openOciArchive(path)
    expect(await oci.resolve('1')).toMatchObject({ digest: index.descriptor.digest })
  })

  test('writes an image that has no name, and no signature as one', async () => {
    const signature = buildImage({ layers: [] })
    await using target = createDockerArchive(path)
    await pushImage(target, image, image.descriptor.digest)
    await pushImage(target, { ...signature, contents: buildArtifact({ subject: image.descriptor }).contents })
    await target.commit()
    const files = await unpacked(path)
    expect(JSON.parse(files.get('manifest.json') ?? '')).toMatchObject([
      { RepoTags: null, Config: blob(configOf(image)) },
    ])
  })

  test('takes the first image of an index that is there with all its layers', async () => {
    const index = buildIndex([image, other])
    await using target = createDockerArchive(path, { platform: { os: 'linux', architecture: 'amd64' } })
    const sparse = { ...index, contents: [...other.contents, ...index.contents.slice(-1)] }
    await pushImage(target, sparse, 'demo:1')
    await target.commit()
    const files = await unpacked(path)
    expect(JSON.parse(files.get('manifest.json') ?? '')).toMatchObject([{ Config: blob(configOf(other)) }])
  })

  test('refuses to write what Docker could not load any of', async () => {
    await using target = createDockerArchive(path)
    await pushImage(target, buildArtifact(), 'demo:1')
    await expect(target.commit()).rejects.toThrow(UnsupportedError)
    expect(existsSync(path)).toBe(false)
  })
})

const real = [
  [
    'dive-test-docker-image.tar',
    'dive-test',
    'sha256:75ae28b8ebf89b203319069ddcbecdf5c3838503bbebc0d0d85e4b8589c5de3a',
    14,
  ],
  [
    'ggcr-hello-world-v25.tar',
    '',
    'sha256:ee301c921b8aadc002973b2e0c3da17d701dcd994b606769a7e6eaa100b81d44',
    1,
  ],
  [
    'ggcr-overwritten_file.tar',
    '',
    'sha256:68f6eb746cdb287658796ba120849bb77be87040a155fbefb89c96f109c0703a',
    3,
  ],
  [
    'ggcr-test_bundle.tar',
    'test_image_2',
    'sha256:930705ce23e3b6ed4c08746b6fe880089c864fbaf62482702ae3fdd66b8c7fe9',
    1,
  ],
  [
    'ggcr-whiteout_image.tar',
    '',
    'sha256:decb630649c3e1256345d416b228d6c3ceb387a55120ad44dc3ec992976d28b9',
    3,
  ],
] as const

describe.skipIf(!existsSync(realImages))('real docker-archives (../shared/testdata/images)', () => {
  test.each(real)(
    '%s opens, and goes byte for byte through an archive of our own',
    async (file, name, config, layers) => {
      await using source = await openDockerArchive(join(realImages, file))
      const descriptor = await source.resolve(name)
      const bytes = await fetchBytes(source, descriptor)
      const children = childrenOf(parseManifest(bytes))
      expect(children[0]?.digest).toBe(config)
      expect(children).toHaveLength(layers + 1)

      await using target = createDockerArchive(path)
      for (const child of [...children, descriptor]) {
        await target.push(child, { open: () => fetchVerified(source, child) })
      }
      await target.tag(descriptor, 'real:1')
      await target.commit()
      await using copy = await openDockerArchive(path)
      expect(await copy.resolve('real:1')).toMatchObject({ digest: descriptor.digest })
      for (const child of children) {
        expect(digestOf(await buffer(await copy.fetch(child)))).toBe(child.digest)
      }
    },
  )

  test('dive-test-oci-gzip-image.tar opens as an OCI archive', async () => {
    await using source = await openOciArchive(join(realImages, 'dive-test-oci-gzip-image.tar'))
    const manifest = parseManifest(await fetchBytes(source, await source.resolve('')))
    const [config, layer] = childrenOf(manifest)
    if (config === undefined || layer === undefined) throw new Error('no config or layer')
    const uncompressed = digestOf(gunzipSync(await fetchBytes(source, layer)))
    expect((await fetchBytes(source, config)).toString()).toContain(uncompressed)
  })
})

async function openTree(tree: FixtureTree): Promise<ArchiveSource> {
  await writeFile(path, writeTar(tree))
  return openDockerArchive(path)
}

/** What `docker save` wrote before version 25. */
function oldForm(images: Readonly<Record<string, FixtureImage>>): FixtureTree {
  const tree: Record<string, FixtureFile> = {}
  const manifest = Object.entries(images).map(([name, { contents, layers }], number) => {
    const bytesOf = (digest: string): Uint8Array =>
      contents.find(({ descriptor }) => descriptor.digest === digest)?.bytes ?? new Uint8Array()
    const config = contents.at(-2)
    if (config === undefined) throw new Error('no config')
    const configPath = `${digestHex(config.descriptor.digest)}.json`
    tree[configPath] = config.bytes
    const paths = layers.map(({ digest }, place) => {
      tree[`${number}${place}/VERSION`] = '1.0'
      tree[`${number}${place}/layer.tar`] = bytesOf(digest)
      return `${number}${place}/layer.tar`
    })
    return { Config: configPath, RepoTags: [name], Layers: paths }
  })
  tree['manifest.json'] = JSON.stringify(manifest)
  return tree
}

function edit(tree: Record<string, FixtureFile>, member: string, value: () => unknown): void {
  const text = tree['manifest.json']
  if (typeof text !== 'string') throw new Error('no manifest.json')
  const images: unknown = JSON.parse(text)
  if (!Array.isArray(images)) throw new Error('no images')
  tree['manifest.json'] = JSON.stringify(images.map((each: object) => ({ ...each, [member]: value() })))
}

function layerOf(tree: FixtureTree): string {
  return Object.keys(tree).find((name) => name.endsWith('/layer.tar')) ?? ''
}

function configOf(built: FixtureImage): string {
  const [config] = childrenOf(parseManifest(built.bytes))
  if (config === undefined) throw new Error('no config')
  return config.digest
}

function blob(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

async function unpacked(file: string): Promise<ReadonlyMap<string, string>> {
  const entries = await unpackTar(new Uint8Array(await readFile(file)))
  return new Map(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? []).toString()]))
}
