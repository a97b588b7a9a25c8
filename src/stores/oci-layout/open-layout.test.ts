import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  AccessRefusedError,
  type Body,
  bytesBody,
  DamagedContentError,
  NotFoundError,
  UnsupportedError,
} from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { digestHex } from '../../oci/index.ts'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  content,
  type FixtureImage,
} from '../../../test/fixtures/build-image.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'
import { collect } from '../../../test/fixtures/collect.ts'
import { isJsonObject, type JsonObject } from '../json-object.ts'
import { openLayout } from './open-layout.ts'

const writerProgram = fileURLToPath(import.meta.resolve('../../../test/fixtures/layout-writer.ts'))
const image = buildImage()
const other = buildImage({ layers: [{ 'other.txt': 'other\n' }] })

let scratch: string
let directory: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lading-layout-'))
  directory = join(scratch, 'layout')
})

afterEach(async () => {
  await rm(scratch, { recursive: true })
})

describe('openLayout()', () => {
  test('says that a directory is no layout', async () => {
    await expect(openLayout(scratch)).rejects.toThrow(NotFoundError)
    await expect(openLayout(join(scratch, 'nowhere'))).rejects.toThrow(/it is not an OCI image layout/)
  })

  test('refuses a layout of another major version, and one that is damaged', async () => {
    await writeFile(join(scratch, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
    await expect(openLayout(scratch)).rejects.toThrow(UnsupportedError)
    await writeFile(join(scratch, 'oci-layout'), '<html>')
    await expect(openLayout(scratch)).rejects.toThrow(DamagedContentError)
  })

  test('makes an empty layout once, and leaves one that is there alone', async () => {
    await openLayout(directory, { create: true })
    expect(await readFile(join(directory, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}')
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, 'v1')
    const again = await openLayout(directory, { create: true })
    expect(await again.resolve('v1')).toMatchObject({ digest: image.descriptor.digest })
  })
})

test('says that a file is in its place', async () => {
  await writeFile(directory, '')
  await expect(openLayout(directory, { create: true, display: 'oci:demo' })).rejects.toThrow(
    'Cannot make oci:demo: something else is in its place',
  )
})

test('removes what writers left that were killed long ago, and nothing that may be in use', async () => {
  await openLayout(directory, { create: true })
  const [old, young, other_] = [`.${'0'.repeat(24)}.tmp`, `.${'1'.repeat(24)}.tmp`, '.notes.tmp'] as const
  for (const name of [old, young, other_]) await writeFile(join(directory, name), '')
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
  for (const name of [old, other_]) await utimes(join(directory, name), yesterday, yesterday)
  await openLayout(directory)
  expect(await readdir(directory)).toContain(old)
  await openLayout(directory, { create: true })
  const left = await readdir(directory)
  expect(left).not.toContain(old)
  expect(left).toEqual(expect.arrayContaining([young, other_]))
})

test('makes no layout out of a directory that holds other things, and finishes one that was left half made', async () => {
  await mkdir(directory)
  await writeFile(join(directory, 'index.json'), '{"schemaVersion":2,"manifests":[]}')
  await writeFile(join(directory, 'package.json'), '{}')
  await expect(openLayout(directory, { create: true })).rejects.toThrow(UsageError)
  expect(await filesBelow(directory)).toEqual(['index.json', 'package.json'])
  await rm(join(directory, 'package.json'))
  await pushImage(await openLayout(directory, { create: true }), image, 'v1')
})

describe('resolve()', () => {
  test('finds what others wrote by tag, by full name, by digest of an entry, and by digest below an index', async () => {
    const index = buildIndex([image, other])
    await writeLayout(directory, { latest: index })
    await nameEntry(directory, 0, { 'io.containerd.image.name': 'docker.io/library/demo:latest' })
    const layout = await openLayout(directory)
    for (const name of ['latest', 'docker.io/library/demo:latest', 'demo', index.descriptor.digest]) {
      expect(await layout.resolve(name)).toMatchObject({ digest: index.descriptor.digest })
    }
    expect(await layout.resolve(image.descriptor.digest)).toEqual({
      mediaType: image.descriptor.mediaType,
      digest: image.descriptor.digest,
      size: image.descriptor.size,
    })
  })

  test('keeps annotations that do not name', async () => {
    await writeLayout(directory, { v1: image })
    await nameEntry(directory, 0, { made: 'by hand', 'org.opencontainers.image.ref.name': 'v1' })
    const found = await (await openLayout(directory)).resolve('v1')
    expect(found.annotations).toEqual({ made: 'by hand' })
  })

  test('says that there is no image where none is', async () => {
    const layout = await openLayout(directory, { create: true, display: 'oci:demo' })
    await expect(layout.resolve('')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Cannot find an image in oci:demo: it holds none',
    })
  })

  test('lists the names there are when one is missing', async () => {
    await writeLayout(directory, { v1: image, v2: other })
    const layout = await openLayout(directory, { display: 'oci:demo' })
    await expect(layout.resolve('v3')).rejects.toMatchObject({
      message: 'Cannot find "v3" in oci:demo: there is no image of that name',
      hint: 'There are: v1, v2.',
    })
  })

  test('takes the only image for the empty name, referrers left aside', async () => {
    await writeLayout(directory, { '': image })
    await writeLayout(directory, {
      'sha256-0000000000000000000000000000000000000000000000000000000000000000': buildIndex([]),
    })
    const layout = await openLayout(directory)
    await pushImage(layout, buildArtifact({ subject: image.descriptor }))
    expect(await layout.resolve('')).toMatchObject({ digest: image.descriptor.digest })
    await pushImage(layout, other, 'other')
    await expect(layout.resolve('')).rejects.toThrow(UsageError)
  })

  test('does not choose among images of one name', async () => {
    await writeLayout(directory, { v1: image })
    await writeLayout(directory, { v1: other })
    await expect((await openLayout(directory)).resolve('v1')).rejects.toThrow('2 are called "v1"')
  })

  test('refuses a manifest whose bytes are not its digest', async () => {
    await writeLayout(directory, { v1: image })
    await writeFile(blobFile(directory, other), image.bytes)
    await expect((await openLayout(directory)).resolve(other.descriptor.digest)).rejects.toThrow(
      DamagedContentError,
    )
  })

  test.each([
    ['', /is not JSON/],
    ['[]', /is not an object/],
    ['{"schemaVersion":1,"manifests":[]}', /schemaVersion is not 2/],
    ['{"schemaVersion":2,"manifests":{}}', /manifests is not a list/],
    [
      '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1,"digest":"sha256:../../etc"}]}',
      /manifests\[0\]\.digest/,
    ],
  ])('says what is wrong with the index.json %j', async (text, problem) => {
    await writeLayout(directory, { v1: image })
    await writeFile(join(directory, 'index.json'), text)
    await expect((await openLayout(directory)).resolve('v1')).rejects.toThrow(problem)
  })

  test('takes manifests: null for an empty list', async () => {
    await writeLayout(directory, {})
    await writeFile(join(directory, 'index.json'), '{"schemaVersion":2,"manifests":null}')
    await expect((await openLayout(directory)).resolve('v1')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('fetch()', () => {
  test('gives whole blobs and ranges with both ends included', async () => {
    const layout = await openLayout(directory, { create: true })
    const text = content('text/plain', Buffer.from('bill of lading'))
    await layout.push(text.descriptor, bytesBody(text.bytes))
    expect((await buffer(await layout.fetch(text.descriptor))).toString()).toBe('bill of lading')
    const part = await layout.fetch(text.descriptor, { range: { start: 5, end: 6 } })
    expect((await buffer(part)).toString()).toBe('of')
    await expect(layout.fetch(image.descriptor)).rejects.toThrow(NotFoundError)
  })

  test('refuses a blob that is a link out of the layout, unless told to follow it', async () => {
    await writeLayout(directory, { v1: image })
    await writeFile(join(scratch, 'outside'), image.bytes)
    await rm(blobFile(directory, image))
    await symlink('../../../outside', blobFile(directory, image))
    await expect((await openLayout(directory)).fetch(image.descriptor)).rejects.toThrow(
      /leads out of the layout/,
    )
    const trusting = await openLayout(directory, { outsideLinks: true })
    expect(await buffer(await trusting.fetch(image.descriptor))).toEqual(Buffer.from(image.bytes))
  })

  test('follows a link that stays inside, and a layout that is reached by a link', async () => {
    await writeLayout(directory, { v1: image })
    await writeFile(join(directory, 'inside'), image.bytes)
    await rm(blobFile(directory, image))
    await symlink('../../inside', blobFile(directory, image))
    await symlink(directory, join(scratch, 'link'))
    const layout = await openLayout(join(scratch, 'link'))
    expect(await buffer(await layout.fetch(image.descriptor))).toEqual(Buffer.from(image.bytes))
  })

  test('refuses a directory, and a pipe without waiting for its writer', async () => {
    await writeLayout(directory, { v1: image })
    const layout = await openLayout(directory)
    await rm(blobFile(directory, image))
    await mkdir(blobFile(directory, image))
    await expect(layout.fetch(image.descriptor)).rejects.toThrow(/not a regular file/)
    await rm(blobFile(directory, image), { recursive: true })
    await promisify(execFile)('mkfifo', [blobFile(directory, image)])
    await expect(layout.fetch(image.descriptor)).rejects.toThrow(/not a regular file/)
  })
})

describe('push()', () => {
  test('leaves a blob that is there alone', async () => {
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, 'v1')
    const before = await stat(blobFile(directory, image))
    const unread: Body = { open: () => Promise.reject(new Error('was read')) }
    await layout.push(image.descriptor, unread)
    expect((await stat(blobFile(directory, image))).ino).toBe(before.ino)
  })

  test('writes a blob again that is cut short', async () => {
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, 'v1')
    await truncate(blobFile(directory, image), 3)
    expect(await layout.exists(image.descriptor)).toBe(false)
    await pushImage(layout, image, 'v1')
    expect(await readFile(blobFile(directory, image))).toEqual(Buffer.from(image.bytes))
  })

  test.each([
    ['other bytes', Buffer.alloc(image.bytes.length)],
    ['too few bytes', image.bytes.subarray(1)],
    ['too many bytes', Buffer.concat([image.bytes, Buffer.from('x')])],
  ])('stores nothing of %s', async (_, bytes) => {
    const layout = await openLayout(directory, { create: true })
    await expect(layout.push(image.descriptor, bytesBody(bytes))).rejects.toThrow(DamagedContentError)
    expect(await filesBelow(directory)).toEqual(['index.json', 'oci-layout'])
  })

  test('leaves nothing behind when its signal ends it, and rejects with the reason', async () => {
    const layout = await openLayout(directory, { create: true })
    const controller = new AbortController()
    const reason = new Error('enough')
    const endless: Body = {
      open: async () =>
        new Readable({
          read() {
            this.push(image.bytes.subarray(0, 10))
            controller.abort(reason)
          },
        }),
    }
    await expect(layout.push(image.descriptor, endless, { signal: controller.signal })).rejects.toBe(reason)
    expect(await filesBelow(directory)).toEqual(['index.json', 'oci-layout'])
  })

  test('writes nothing through links that lead out of the layout', async () => {
    const layout = await openLayout(directory, { create: true })
    await mkdir(join(scratch, 'outside', 'sha256'), { recursive: true })
    await symlink('../outside', join(directory, 'blobs'))
    await expect(pushImage(layout, image)).rejects.toThrow(/leads out of the layout/)
    expect(await filesBelow(join(scratch, 'outside'))).toEqual([])
    await rm(join(directory, 'index.json'))
    await symlink('../outside/index.json', join(directory, 'index.json'))
    await expect(openLayout(directory, { create: true })).rejects.toThrow(/a symbolic link in its place/)
    expect(await filesBelow(join(scratch, 'outside'))).toEqual([])
  })

  test.skipIf(process.getuid?.() === 0)('says that permission is denied (not tested as root)', async () => {
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, 'v1')
    await chmod(directory, 0o500)
    await expect(pushImage(layout, other)).rejects.toThrow(/^Cannot write to oci:.*: permission denied$/)
    await expect(layout.tag(image.descriptor, 'v2')).rejects.toThrow(/: permission denied$/)
    expect(await layout.resolve('v1')).toMatchObject({ digest: image.descriptor.digest })
    await chmod(directory, 0)
    await expect(layout.resolve('v1')).rejects.toThrow(AccessRefusedError)
    await chmod(directory, 0o700)
  })

  test('says how many bytes went', async () => {
    const layout = await openLayout(directory, { create: true })
    let count = 0
    await layout.push(image.descriptor, bytesBody(image.bytes), { onBytes: (bytes) => (count += bytes) })
    expect(count).toBe(image.bytes.length)
  })
})

describe('tag()', () => {
  test('refuses content that is not there', async () => {
    const layout = await openLayout(directory, { create: true })
    await expect(layout.tag(image.descriptor, 'v1')).rejects.toThrow(NotFoundError)
  })

  test('gives the same index.json in whatever order images come', async () => {
    const first = await openLayout(join(scratch, 'a'), { create: true })
    await pushImage(first, image, 'one')
    await pushImage(first, other, 'two')
    await first.tag(image.descriptor, 'three')
    const second = await openLayout(join(scratch, 'b'), { create: true })
    await pushImage(second, other, 'two')
    await pushImage(second, image, 'three')
    await second.tag(image.descriptor, 'one')
    const bytes = await readFile(join(scratch, 'a', 'index.json'), 'utf8')
    expect(await readFile(join(scratch, 'b', 'index.json'), 'utf8')).toBe(bytes)
    expect(bytes).toBe(
      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[${[
        entryText(image, 'one'),
        entryText(image, 'three'),
        entryText(other, 'two'),
      ].join(',')}]}`,
    )
  })

  test('moves a name, and keeps what others wrote into index.json', async () => {
    await writeLayout(directory, { v1: image, v2: other })
    const path = join(directory, 'index.json')
    await editEntry(directory, 1, (entry) => ({ ...entry, 'x-entry': [1, { b: 2 }] }))
    const layout = await openLayout(directory)
    await layout.tag(other.descriptor, 'v1')
    expect(await readJson(path)).toMatchObject({
      'x-tool': { version: 7 },
      manifests: [
        { digest: other.descriptor.digest, annotations: { 'org.opencontainers.image.ref.name': 'v1' } },
        { digest: other.descriptor.digest, 'x-entry': [1, { b: 2 }] },
      ],
    })
  })

  test('lists content without a name when the name is a digest', async () => {
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, image.descriptor.digest)
    expect(await collect(layout.tags())).toEqual([])
    expect(await layout.resolve('')).toMatchObject({ digest: image.descriptor.digest })
  })
})

describe('referrers()', () => {
  test('finds what was pushed with a subject, what others listed, and what a fallback tag names', async () => {
    const mine = buildArtifact({ subject: image.descriptor, payload: 'mine', annotations: { n: '1' } })
    const listed = buildArtifact({ subject: image.descriptor, payload: 'listed' })
    const fallback = buildArtifact({ subject: image.descriptor, payload: 'fallback', artifactType: 'a/b' })
    await writeLayout(directory, {
      v1: image,
      '': listed,
      [image.descriptor.digest.replace(':', '-')]: buildIndex([fallback]),
    })
    const layout = await openLayout(directory)
    await pushImage(layout, mine)
    const found = await layout.referrers(image.descriptor.digest)
    expect(found.map(({ digest }) => digest)).toEqual(
      [mine, listed, fallback].map(({ descriptor }) => descriptor.digest).toSorted(),
    )
    expect(found).toContainEqual(mine.descriptor)
    expect((await readJson(join(directory, 'index.json')))['manifests']).toContainEqual(mine.descriptor)
    expect(await layout.referrers(image.descriptor.digest, { artifactType: 'a/b' })).toHaveLength(1)
    expect(await layout.referrers(other.descriptor.digest)).toEqual([])
  })

  test('keeps a referrer findable when its name goes to something else or is taken away', async () => {
    const layout = await openLayout(directory, { create: true })
    const sbom = buildArtifact({ subject: image.descriptor })
    await pushImage(layout, image, 'v1')
    await pushImage(layout, sbom, 'sbom')
    await layout.tag(image.descriptor, 'sbom')
    expect(await layout.referrers(image.descriptor.digest)).toEqual([sbom.descriptor])
    await layout.tag(sbom.descriptor, 'sbom')
    await layout.untag('sbom')
    expect(await layout.referrers(image.descriptor.digest)).toEqual([sbom.descriptor])
  })

  test('fails rather than leave out a manifest that it cannot read', async () => {
    await writeLayout(directory, { v1: image, '': buildArtifact({ subject: image.descriptor }) })
    await writeFile(blobFile(directory, buildArtifact({ subject: image.descriptor })), 'x')
    const layout = await openLayout(directory)
    await expect(layout.referrers(image.descriptor.digest)).rejects.toThrow(DamagedContentError)
  })
})

describe('untag() and delete()', () => {
  test('untag takes the name and leaves the content', async () => {
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, 'v1')
    await layout.untag('v1')
    expect(await collect(layout.tags())).toEqual([])
    expect(await layout.resolve(image.descriptor.digest)).toMatchObject({ size: image.descriptor.size })
    await expect(layout.untag('v1')).rejects.toThrow(NotFoundError)
  })

  test('delete takes the content and every name on it', async () => {
    const layout = await openLayout(directory, { create: true })
    await pushImage(layout, image, 'v1')
    await layout.tag(image.descriptor, 'v2')
    await pushImage(layout, other, 'v3')
    await layout.delete(image.descriptor)
    expect(await collect(layout.tags())).toEqual(['v3'])
    await expect(layout.delete(image.descriptor)).rejects.toThrow(NotFoundError)
  })
})

describe('several writers of one layout', () => {
  test('lose nothing of each other, in one process and in several', async () => {
    const perWriter = 15
    const writers = ['a', 'b', 'c'].map((name) => runWriter(directory, name, perWriter))
    const layout = await openLayout(directory, { create: true })
    const own = Array.from({ length: perWriter }, async (_, number) =>
      pushImage(layout, image, `own-${number}`),
    )
    await Promise.all([...writers, ...own])
    const names = await collect(layout.tags())
    expect(names).toHaveLength(4 * perWriter)
    for (const name of names) expect(await layout.exists(await layout.resolve(name))).toBe(true)
  })

  test('are not stopped by one that was killed in the middle', async () => {
    const layout = await openLayout(directory, { create: true })
    const endless = spawnWriter(directory, 'killed', 1_000_000)
    await once(endless.stdout, 'data')
    endless.kill('SIGKILL')
    await once(endless, 'exit')
    await pushImage(layout, image, 'after')
    for await (const name of layout.tags()) {
      expect(await layout.exists(await layout.resolve(name))).toBe(true)
    }
    expect(await layout.resolve('after')).toMatchObject({ digest: image.descriptor.digest })
  })
})

/** A process that puts images under the names `<name>-0`, `<name>-1` … and says so after the first. */
function spawnWriter(layout: string, name: string, count: number) {
  return spawn(process.execPath, [writerProgram, layout, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
}

async function runWriter(layout: string, name: string, count: number): Promise<void> {
  const exited: unknown[] = await once(spawnWriter(layout, name, count), 'exit')
  expect(exited[0]).toBe(0)
}

function blobFile(layout: string, { descriptor }: FixtureImage): string {
  return join(layout, 'blobs', 'sha256', digestHex(descriptor.digest))
}

async function filesBelow(path: string): Promise<string[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'))
    .map(({ name }) => name)
    .toSorted()
}

async function nameEntry(layout: string, place: number, annotations: JsonObject): Promise<void> {
  await editEntry(layout, place, (entry) => ({
    ...entry,
    annotations: { ...(isJsonObject(entry['annotations']) ? entry['annotations'] : {}), ...annotations },
  }))
}

async function editEntry(
  layout: string,
  place: number,
  edit: (entry: JsonObject) => JsonObject,
): Promise<void> {
  const path = join(layout, 'index.json')
  const index = await readJson(path)
  const manifests: unknown = index['manifests']
  if (!Array.isArray(manifests)) throw new Error('no manifests')
  const edited = manifests.map((entry: unknown, at) =>
    at === place && isJsonObject(entry) ? edit(entry) : entry,
  )
  await writeFile(path, JSON.stringify({ ...index, 'x-tool': { version: 7 }, manifests: edited }))
}

async function readJson(path: string): Promise<JsonObject> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (!isJsonObject(value)) throw new Error('not an object')
  return value
}

function entryText({ descriptor }: FixtureImage, name: string): string {
  return `{"mediaType":"${descriptor.mediaType}","digest":"${descriptor.digest}","size":${descriptor.size},"platform":{"architecture":"amd64","os":"linux"},"annotations":{"org.opencontainers.image.ref.name":"${name}"}}`
}
