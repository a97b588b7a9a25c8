import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { unpackTar } from 'modern-tar'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Body, bytesBody, DamagedContentError, fetchBytes, NotFoundError } from '../../content/index.ts'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  type FixtureImage,
} from '../../../test/fixtures/build-image.ts'
import { collect } from '../../../test/fixtures/collect.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { writeTar } from '../../../test/fixtures/write-tar.ts'
import type { ArchiveSource } from '../archive-source.ts'
import type { ArchiveTarget } from '../archive-form.ts'
import { createOciArchive } from './create-oci-archive.ts'
import { openOciArchive } from './open-oci-archive.ts'

const writerProgram = fileURLToPath(import.meta.resolve('../../../test/fixtures/archive-writer.ts'))
const image = buildImage({
  layers: [{ 'a.txt': 'a' }, { files: { b: new Uint8Array(700_000) }, compression: 'none' }],
})
const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64' } })
const index = buildIndex([image, arm])
const sbom = buildArtifact({ subject: index.descriptor })

let scratch: string
let path: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lading-archive-'))
  path = join(scratch, 'image.tar')
})

afterEach(async () => {
  await rm(scratch, { recursive: true })
})

describe('createOciArchive() and openOciArchive()', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    'give every byte back, compressed by %s',
    async (compression) => {
      await using target = createOciArchive(path, { compression, temporaryDirectory: scratch })
      await pushImage(target, index, 'v1')
      await pushImage(target, sbom)
      await target.commit()
      await using source = await openOciArchive(path, { temporaryDirectory: scratch })
      expect(await source.resolve('v1')).toMatchObject({ digest: index.descriptor.digest })
      expect(await source.resolve('')).toMatchObject({ digest: index.descriptor.digest })
      expect(await source.resolve(arm.descriptor.digest)).toMatchObject({ size: arm.descriptor.size })
      expect(await collect(source.tags())).toEqual(['v1'])
      expect(await source.referrers(index.descriptor.digest)).toEqual([sbom.descriptor])
      await expectContents(source, index)
      await expectContents(source, sbom)
    },
  )

  test('write the same bytes in whatever order and however fast content comes', async () => {
    const written: Buffer[] = []
    for (const contents of [index.contents, index.contents.toReversed()]) {
      await using target = createOciArchive(path)
      await Promise.all(contents.map(({ descriptor, bytes }) => target.push(descriptor, slowBody(bytes))))
      await target.tag(arm.descriptor, contents === index.contents ? 'one' : 'two')
      await target.tag(index.descriptor, contents === index.contents ? 'two' : 'one')
      await target.tag(index.descriptor, 'one')
      await target.tag(arm.descriptor, 'two')
      await target.commit()
      written.push(await readFile(path))
    }
    expect(written[0]?.equals(written[1] ?? Buffer.alloc(0))).toBe(true)
  })

  test('write an archive that another reader unpacks, what is read first coming first', async () => {
    await using target = createOciArchive(path)
    await pushImage(target, image, 'v1')
    await target.commit()
    const entries = await unpackTar(new Uint8Array(await readFile(path)))
    expect(entries.slice(0, 4).map(({ header }) => header.name)).toEqual([
      'oci-layout',
      'index.json',
      'blobs/',
      'blobs/sha256/',
    ])
    expect(entries[4]?.data).toEqual(new Uint8Array(image.bytes))
    expect(entries).toHaveLength(4 + image.contents.length)
    for (const { header } of entries) expect(header).toMatchObject({ uid: 0, gid: 0, mtime: new Date(0) })
  })

  test('write to a stream without ending it, and read from one, through nothing that seeks', async () => {
    const pipe = new PassThrough()
    const received = buffer(pipe)
    await using target = createOciArchive(pipe, { compression: 'gzip' })
    await pushImage(target, image, 'v1')
    await target.commit()
    expect(pipe.writableEnded).toBe(false)
    pipe.end()
    await using source = await openOciArchive(Readable.from([await received], { objectMode: false }), {
      temporaryDirectory: scratch,
    })
    await expectContents(source, image)
  })

  test('give ranges, from memory and from disk', async () => {
    for (const compression of ['none', 'gzip'] as const) {
      await using target = createOciArchive(path, { compression })
      await pushImage(target, image, 'v1')
      await target.commit()
      await using source = await openOciArchive(path)
      for (const { descriptor, bytes } of image.contents) {
        const part = await source.fetch(descriptor, { range: { start: 3, end: 9 } })
        expect(await buffer(part)).toEqual(Buffer.from(bytes.subarray(3, 10)))
      }
    }
  })
})

describe('openOciArchive()', () => {
  test('leaves nothing in the temporary directory', async () => {
    await writeImage(path, 'gzip')
    const source = await openOciArchive(createReadStream(path), { temporaryDirectory: scratch })
    await expectContents(source, image)
    await source.close()
    await using second = await openOciArchive(path, { temporaryDirectory: scratch })
    await expectContents(second, image)
    await second.close()
    expect(await readdir(scratch)).toEqual(['image.tar'])
  })

  test.each(['gzip', 'zstd'] as const)(
    'reads an archive compressed by %s once when all of it is wanted',
    async (compression) => {
      await writeImage(path, compression)
      await using source = await openOciArchive(path, { whole: true, temporaryDirectory: scratch })
      await writeFile(path, 'something else by now')
      await expectContents(source, image)
    },
  )

  test('says that there is no such file', async () => {
    await expect(openOciArchive(path)).rejects.toThrow(NotFoundError)
    await expect(openOciArchive(path)).rejects.toThrow(
      `Cannot open oci-archive:${path}: there is no such file`,
    )
  })

  test('says that there is nothing in an archive', async () => {
    await writeFile(path, '')
    await expect(openOciArchive(path)).rejects.toThrow('there is nothing in it')
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('<html>'.repeat(300))],
    ['zeros', Buffer.alloc(10_240)],
    ['a file system', writeTar({ 'etc/passwd': 'root' })],
    ['a layout without index', writeTar({ 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' })],
    ['a layout whose header is not one', writeTar({ 'oci-layout': '[]', 'index.json': '{}' })],
    ['gzip that is cut short', Buffer.from('1f8b0800', 'hex')],
  ])('refuses %s', async (_, bytes) => {
    await writeFile(path, bytes)
    await expect(openOciArchive(path)).rejects.toThrow(DamagedContentError)
    const stream = Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false })
    await expect(openOciArchive(stream, { temporaryDirectory: scratch })).rejects.toThrow(DamagedContentError)
    expect(await readdir(scratch)).toEqual(['image.tar'])
  })

  test.each(['none', 'gzip', 'zstd'] as const)(
    'refuses an archive that is cut short, compressed by %s',
    async (compression) => {
      await writeImage(path, compression)
      const { size } = await stat(path)
      await truncate(path, Math.floor(size * 0.6))
      await expect(openOciArchive(path)).rejects.toThrow(DamagedContentError)
    },
  )

  test('refuses a stream that is larger than may be kept', async () => {
    await writeImage(path, 'none')
    const opening = openOciArchive(createReadStream(path), {
      temporaryDirectory: scratch,
      temporaryLimit: 100_000,
    })
    await expect(opening).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(await readdir(scratch)).toEqual(['image.tar'])
  })

  test('finds a blob out whose bytes are not its digest', async () => {
    await writeImage(path, 'none')
    const bytes = await readFile(path)
    bytes[bytes.indexOf('"config"')] = 0x21
    await writeFile(path, bytes)
    await using source = await openOciArchive(path)
    const descriptor = await source.resolve('v1')
    await expect(fetchBytes(source, descriptor)).rejects.toThrow(DamagedContentError)
  })

  test('rejects with the reason of its signal', async () => {
    await writeImage(path, 'none')
    const reason = new Error('enough')
    await expect(openOciArchive(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(512))
        controller.abort(reason)
      },
    })
    await expect(
      openOciArchive(endless, { signal: controller.signal, temporaryDirectory: scratch }),
    ).rejects.toBe(reason)
    expect(await readdir(scratch)).toEqual(['image.tar'])
  })
})

describe('createOciArchive()', () => {
  test('writes no file before the commit, and none when it is discarded', async () => {
    const target = createOciArchive(path, { temporaryDirectory: scratch })
    await pushImage(target, image, 'v1')
    expect(await readdir(scratch)).toEqual([])
    await target.discard()
    expect(await readdir(scratch)).toEqual([])
    await expect(target.commit()).rejects.toThrow(/committed or discarded already/)
  })

  test('replaces a file that is there, and leaves it as it is when nothing comes of it', async () => {
    await writeFile(path, 'before')
    const failing = createOciArchive(path)
    await expect(failing.push(image.descriptor, bytesBody(Buffer.from('x')))).rejects.toThrow(
      DamagedContentError,
    )
    expect(await failing.exists(image.descriptor)).toBe(false)
    await failing.commit({ signal: AbortSignal.abort() }).catch(() => undefined)
    expect(await readFile(path, 'utf8')).toBe('before')
    await writeImage(path, 'none')
    await using source = await openOciArchive(path)
    await expectContents(source, image)
  })

  test('reads what was pushed back before it is written', async () => {
    await using target = createOciArchive(path)
    await pushImage(target, image, 'v1')
    await pushImage(target, buildArtifact({ subject: image.descriptor }))
    expect(await target.resolve('v1')).toEqual(image.descriptor)
    expect(await target.referrers(image.descriptor.digest)).toHaveLength(1)
    expect(await fetchBytes(target, image.descriptor)).toEqual(Buffer.from(image.bytes))
    await expect(target.resolve('v2')).rejects.toThrow(NotFoundError)
    await expect(target.tag(arm.descriptor, 'v2')).rejects.toThrow(NotFoundError)
  })

  test('says that a directory is missing before it takes anything', async () => {
    await using target = createOciArchive(join(scratch, 'missing', 'image.tar'))
    await expect(pushImage(target, image, 'v1')).rejects.toThrow(
      /^Cannot write .*missing: no such file or directory$/,
    )
  })

  test('says that a directory is in its place before it takes anything', async () => {
    await using target = createOciArchive(scratch, { display: 'the archive' })
    await expect(pushImage(target, image, 'v1')).rejects.toThrow(
      'Cannot write the archive: it is a directory',
    )
  })

  test.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    const full = createWriteStream('/dev/full')
    await using target = createOciArchive(full)
    await pushImage(target, image, 'v1')
    await expect(target.commit()).rejects.toThrow('Cannot write oci-archive:-: no space left on device')
  })

  test.skipIf(!existsSync('/dev/full'))('writes into a device and does not replace it', async () => {
    await using target = createOciArchive('/dev/full')
    await pushImage(target, image, 'v1')
    await expect(target.commit()).rejects.toThrow(
      'Cannot write oci-archive:/dev/full: no space left on device',
    )
    expect((await stat('/dev/full')).isCharacterDevice()).toBe(true)
  })

  test('leaves nothing behind when its process is killed in the middle', async () => {
    const writer = spawn(process.execPath, [writerProgram, path, scratch], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
    })
    await once(writer.stdout, 'data')
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    expect(await readdir(scratch)).toEqual([])
  })
})

async function writeImage(output: string, compression: 'none' | 'gzip' | 'zstd'): Promise<void> {
  await using target: ArchiveTarget = createOciArchive(output, { compression })
  await pushImage(target, image, 'v1')
  await target.commit()
}

async function expectContents(source: ArchiveSource, expected: FixtureImage): Promise<void> {
  for (const { descriptor, bytes } of expected.contents) {
    expect((await buffer(await source.fetch(descriptor))).equals(bytes)).toBe(true)
  }
}

/** Bytes that come in pieces, other pushes in between. */
function slowBody(bytes: Uint8Array): Body {
  return {
    open: async () =>
      Readable.from(
        (async function* () {
          for (let start = 0; start < bytes.length; start += 100_000) {
            await new Promise(setImmediate)
            yield bytes.subarray(start, start + 100_000)
          }
        })(),
        { objectMode: false },
      ),
  }
}
