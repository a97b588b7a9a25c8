import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { packTar } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { LadingError } from '../errors/index.ts'
import {
  type ArchiveLimits,
  ArchiveLimitError,
  DamagedArchiveError,
  readTar,
  scanTar,
  type TarEntry,
  type TarHeader,
} from './index.ts'

interface RawFields {
  readonly name?: string | Buffer
  readonly type?: string
  readonly size?: number | Buffer
  readonly magic?: string
  readonly mtime?: Buffer
  readonly link?: string
  readonly prefix?: string
  /** Changes the block before its checksum is made. */
  readonly edit?: (block: Buffer) => void
  readonly checksum?: (sum: number) => string
}

/** One header block, field by field. */
function raw(fields: RawFields): Buffer {
  const block = Buffer.alloc(512)
  const name = fields.name ?? 'file'
  block.set(typeof name === 'string' ? Buffer.from(name) : name, 0)
  block.write('0000644\x000001750\x000001751\0', 100)
  const size = fields.size ?? 0
  if (typeof size === 'number') block.write(`${size.toString(8).padStart(11, '0')} `, 124)
  else block.set(size, 124)
  if (fields.mtime === undefined) block.write('14000000000\0', 136)
  else block.set(fields.mtime, 136)
  block.write(fields.type ?? '0', 156, 'latin1')
  block.write(fields.link ?? '', 157)
  block.write(fields.magic ?? 'ustar\x0000', 257, 'latin1')
  block.write(fields.prefix ?? '', 345)
  fields.edit?.(block)
  block.fill(0x20, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(fields.checksum?.(sum) ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** A number field of 12 bytes. */
function octal(value: number): string {
  return `${value.toString(8).padStart(11, '0')}\0`
}

function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)])
}

function withBody(fields: RawFields, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([raw({ size: bytes.length, ...fields }), padded(bytes)])
}

function pax(records: readonly (readonly [string, string | Buffer])[], type = 'x'): Buffer {
  const parts = records.map(([key, value]) => {
    const content = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')])
    let length = content.length
    while (String(length).length + content.length !== length) length = String(length).length + content.length
    return Buffer.concat([Buffer.from(String(length)), content])
  })
  return withBody({ name: 'PaxHeaders/x', type }, Buffer.concat(parts))
}

const end = Buffer.alloc(1024)

interface Read {
  readonly header: TarHeader
  readonly sparse: boolean
  readonly body: Buffer
}

async function read(
  archive: Buffer | readonly Buffer[],
  options: { limits?: ArchiveLimits; chunk?: number } = {},
): Promise<Read[]> {
  const bytes = Buffer.isBuffer(archive) ? archive : Buffer.concat(archive)
  const found: Read[] = []
  for await (const entry of readTar(chunked(bytes, options.chunk ?? 65_536), options))
    found.push(await toRead(entry))
  return found
}

async function toRead(entry: TarEntry): Promise<Read> {
  const { path, type, mode, uid, gid, userName, groupName, mtime, size, linkPath } = entry
  const { deviceMajor, deviceMinor, pax: others, sparse } = entry
  const header = { path, type, mode, uid, gid, userName, groupName, mtime, size, linkPath }
  return {
    header: { ...header, deviceMajor, deviceMinor, pax: others },
    sparse,
    body: Buffer.from(await entry.bytes(1 << 24)),
  }
}

async function readAll(entries: AsyncIterable<TarEntry>): Promise<number> {
  let count = 0
  for await (const entry of entries) count += entry.path.length
  return count
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function only(...archive: Buffer[]): Promise<Read> {
  const [first, ...others] = await read([...archive, end])
  expect(others).toEqual([])
  if (first === undefined) throw new Error('no entry')
  return first
}

describe('readTar() reads a header', () => {
  const long = `${'d/'.repeat(120)}file`
  const tables: Record<string, { archive: Buffer[]; header: Partial<TarHeader> }> = {
    'of POSIX ustar': {
      archive: [raw({ name: 'bin/sh', prefix: 'usr' })],
      header: {
        path: 'usr/bin/sh',
        type: 'file',
        mode: 0o644,
        uid: 0o1750,
        gid: 0o1751,
        mtime: 0o14000000000,
      },
    },
    'of V7, where a slash makes a directory': {
      archive: [raw({ name: 'dir/', type: '\0', magic: '' })],
      header: { path: 'dir', type: 'directory' },
    },
    'of V7, where NUL is a file': {
      archive: [raw({ name: 'f', type: '\0', magic: '' })],
      header: { path: 'f', type: 'file' },
    },
    'that is contiguous': { archive: [raw({ type: '7' })], header: { type: 'file' } },
    'of a symlink, whatever its size says': {
      archive: [raw({ type: '2', link: '../t', size: 700 })],
      header: { type: 'symlink', linkPath: '../t', size: 0 },
    },
    'of a device': {
      archive: [raw({ type: '3', edit: (block) => block.write('0000005\x000000001\0', 329) })],
      header: { type: 'character-device', deviceMajor: 5, deviceMinor: 1 },
    },
    'of GNU, whose prefix field holds times': {
      archive: [
        raw({ magic: 'ustar  \0', edit: (block) => block.write('14000000000\x0014000000000\0', 345) }),
      ],
      header: { path: 'file' },
    },
    'of Go before 1.8, with a prefix under GNU magic': {
      archive: [raw({ magic: 'ustar  \0', prefix: 'some/dir' })],
      header: { path: 'some/dir/file' },
    },
    'of star, whose prefix is shorter': {
      archive: [
        raw({
          prefix: 'p',
          edit: (block) => {
            block.write('14000000000\0', 476)
            block.write('tar\0', 508)
          },
        }),
      ],
      header: { path: 'p/file' },
    },
    'with a signed checksum': {
      archive: [
        raw({
          name: Buffer.from('f\xff', 'latin1'),
          checksum: (sum) => `${(sum - 256).toString(8).padStart(6, '0')}\0 `,
        }),
      ],
      header: { path: 'f\udcff' },
    },
    'with numbers in base 256': {
      archive: [raw({ mtime: Buffer.from([0xff, ...Buffer.alloc(10, 0xff), 0xfe]) })],
      header: { mtime: -2 },
    },
    'with a number padded by spaces': {
      archive: [raw({ mtime: Buffer.from('     123  \0\0') })],
      header: { mtime: 0o123 },
    },
    'with GNU long names': {
      archive: [
        withBody({ name: '././@LongLink', type: 'L', magic: 'ustar  \0' }, `${long}\0`),
        withBody({ name: '././@LongLink', type: 'K', magic: 'ustar  \0' }, `${long}2\0`),
        raw({ type: '2', link: 'cut' }),
      ],
      header: { path: long, linkPath: `${long}2` },
    },
    'with PAX records': {
      archive: [
        pax([
          ['path', 'ü/ö'],
          ['linkpath', 'ä'],
          ['uid', '3000000'],
          ['gid', '-1'],
          ['uname', 'me'],
          ['gname', 'us'],
          ['mtime', '-1.5'],
          ['SCHILY.xattr.user.x', 'a=b\nc'],
        ]),
        raw({ type: '2' }),
      ],
      header: {
        path: 'ü/ö',
        linkPath: 'ä',
        uid: 3_000_000,
        gid: -1,
        userName: 'me',
        groupName: 'us',
        mtime: -1.5,
        pax: new Map([['SCHILY.xattr.user.x', 'a=b\nc']]),
      },
    },
    'with global records, its own first, and a comment that is nobody’s': {
      archive: [
        pax(
          [
            ['gname', 'all'],
            ['uname', 'all'],
            ['comment', 'abc'],
          ],
          'g',
        ),
        pax([
          ['uname', 'own'],
          ['gname', ''],
        ]),
        raw({}),
      ],
      header: { userName: 'own', groupName: '', pax: new Map() },
    },
    'that climbs out, and leaves the judgement to others': {
      archive: [raw({ name: '../../etc/passwd' })],
      header: { path: '../../etc/passwd' },
    },
    'that is absolute': { archive: [raw({ name: '/etc/' })], header: { path: '/etc', type: 'directory' } },
  }
  test.each(Object.entries(tables))('%s', async (_name, { archive, header }) =>
    expect((await only(...archive)).header).toMatchObject(header),
  )

  test('after volume labels and what else is not a file', async () => {
    const entry = await only(raw({ name: 'label', type: 'V' }), withBody({ type: 'A' }, 'acl'), raw({}))
    expect(entry.header.path).toBe('file')
  })

  test('with a PAX size that stands above the field', async () => {
    const entry = await only(pax([['size', '3']]), raw({ size: 0 }), padded(Buffer.from('abc')))
    expect(entry.body.toString()).toBe('abc')
  })
})

describe('readTar() fills the holes of sparse files', () => {
  const expected = Buffer.concat([
    Buffer.alloc(512),
    Buffer.from('abc'),
    Buffer.alloc(485),
    Buffer.from('de'),
  ])
  const data = padded(Buffer.from('abcde'))
  const oldGnu = (block: Buffer): void => {
    block.write(octal(512) + octal(3), 386)
    block.write(octal(1002), 483)
    block[482] = 1
  }
  const extension = Buffer.alloc(512)
  extension.write(octal(1000) + octal(2), 0)
  const map10 = padded(Buffer.from('2\n512\n3\n1000\n2\n'))
  const archives: Record<string, Buffer[]> = {
    'of old GNU with an extension block': [
      raw({ type: 'S', magic: 'ustar  \0', size: 5, edit: oldGnu }),
      extension,
      data,
    ],
    'of PAX 0.0': [
      pax([
        ['GNU.sparse.size', '1002'],
        ['GNU.sparse.numblocks', '2'],
        ['GNU.sparse.offset', '512'],
        ['GNU.sparse.numbytes', '3'],
        ['GNU.sparse.offset', '1000'],
        ['GNU.sparse.numbytes', '2'],
      ]),
      raw({ size: 5 }),
      data,
    ],
    'of PAX 0.1': [
      pax([
        ['GNU.sparse.name', 'file'],
        ['GNU.sparse.size', '1002'],
        ['GNU.sparse.map', '512,3,1000,2'],
      ]),
      raw({ name: 'GNUSparseFile.1/file', size: 5 }),
      data,
    ],
    'of PAX 1.0': [
      pax([
        ['GNU.sparse.major', '1'],
        ['GNU.sparse.minor', '0'],
        ['GNU.sparse.name', 'file'],
        ['GNU.sparse.realsize', '1002'],
      ]),
      raw({ name: 'GNUSparseFile.1/file', size: map10.length + 5 }),
      map10,
      data,
    ],
  }
  test.each(Object.entries(archives))('%s', async (_name, archive) => {
    const [entry, next] = await read([...archive, raw({ name: 'next' }), end])
    expect(entry).toMatchObject({
      header: { path: 'file', size: 1002, pax: new Map() },
      sparse: true,
      body: expected,
    })
    expect(next?.header.path).toBe('next')
  })

  const hostile: Record<string, string> = {
    'that go backwards': '512,3,0,2',
    'that overlap': '512,3,513,2',
    'past the end': '512,3,5000,2',
    'that tell of other data than there are': '512,3,1000,1',
    'that are no numbers': '512,-3,1000,8',
    'that are cut': '512,3,1000',
  }
  test.each(Object.entries(hostile))('but refuses maps %s', async (_name, map) => {
    const archive = [
      pax([
        ['GNU.sparse.size', '1002'],
        ['GNU.sparse.map', map],
      ]),
      raw({ size: 5 }),
      data,
      end,
    ]
    await expect(read(archive)).rejects.toThrow(DamagedArchiveError)
  })

  test('but refuses a map of old GNU that goes on for ever', async () => {
    const goesOn = Buffer.alloc(512)
    goesOn[504] = 1
    const header = raw({ type: 'S', magic: 'ustar  \0', size: 5, edit: oldGnu })
    await expect(
      read([header, ...Array.from({ length: 30 }, () => goesOn)], { limits: { headerSize: 8192 } }),
    ).rejects.toThrow(DamagedArchiveError)
  })
})

describe('readTar() ends', () => {
  const file = withBody({}, 'x'.repeat(600))

  test('at two blocks of zeros, and reads away what follows', async () => {
    let ended = false
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.concat([file, end, raw({ name: 'never' })])
      yield Buffer.alloc(100_000, 7)
      ended = true
    }
    const paths: string[] = []
    for await (const entry of readTar(source())) paths.push(entry.path)
    expect(paths).toEqual(['file'])
    expect(ended).toBe(true)
  })

  test.each(
    Object.entries({
      'at the end of the bytes': Buffer.alloc(0),
      'at one block of zeros and the end of the bytes': Buffer.alloc(512),
    }),
  )('%s', async (_name, tail) => expect(await read([file, tail])).toHaveLength(1))

  test('with nothing for no bytes', async () => expect(await read([])).toEqual([]))

  test('early when the loop is left, and destroys the stream', async () => {
    const stream = Readable.from(chunked(Buffer.concat([file, file, end]), 512), { objectMode: false })
    for await (const entry of readTar(stream)) {
      expect(entry.path).toBe('file')
      break
    }
    expect(stream.destroyed).toBe(true)
  })

  test('with the signal’s reason when it is aborted while the stream stalls', async () => {
    const stop = new AbortController()
    const stream = new Readable({ read: () => undefined })
    stream.push(file.subarray(0, 700))
    const reason = new Error('enough')
    const reading = (async () => {
      for await (const entry of readTar(stream, { signal: stop.signal })) {
        setImmediate(() => stop.abort(reason))
        await entry.bytes(1000)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    expect(stream.destroyed).toBe(true)
  })

  test('with the error of the stream', async () => {
    const failure = new Error('connection lost')
    async function* source(): AsyncGenerator<Buffer> {
      yield file.subarray(0, 700)
      throw failure
    }
    await expect(readAll(readTar(source()))).rejects.toBe(failure)
  })
})

describe('readTar() refuses', () => {
  const file = withBody({}, 'x'.repeat(600))

  test('an archive cut anywhere but between entries', async () => {
    for (const length of [1, 511, 513, 1111, 1112, 1535]) {
      await expect(read(file.subarray(0, length))).rejects.toThrow(/cut short at byte \d+/)
    }
  })

  const damaged: Record<string, Buffer[]> = {
    'a wrong checksum': [raw({ checksum: () => '000001\0 ' })],
    'a negative size': [raw({ size: Buffer.alloc(12, 0xff) })],
    'a size past what numbers hold': [raw({ size: Buffer.from([0x80, ...Buffer.alloc(11, 0x7f)]) })],
    'a size that is no number': [raw({ size: Buffer.from('12x00000000\0') })],
    'an unknown type': [raw({ type: 'Z' })],
    'a continued volume': [raw({ type: 'M' })],
    'a lone block of zeros': [Buffer.alloc(512), raw({})],
    'PAX records with a wrong length': [withBody({ type: 'x' }, '99 path=a\n'), raw({})],
    'PAX records without a newline': [withBody({ type: 'x' }, '9 path=ab'), raw({})],
    'PAX records without a key': [withBody({ type: 'x' }, '5 =a\n'), raw({})],
    'a NUL in a path': [pax([['path', 'a\0b']]), raw({})],
    'a PAX size that is negative': [pax([['size', '-1']]), raw({})],
    'a PAX header before nothing': [pax([['path', 'a']])],
    'a sparse version from the future': [
      pax([
        ['GNU.sparse.major', '2'],
        ['GNU.sparse.minor', '0'],
        ['GNU.sparse.realsize', '1'],
      ]),
      raw({}),
    ],
  }
  test.each(Object.entries(damaged))('%s', async (_name, archive) =>
    expect(read([...archive, end])).rejects.toThrow(DamagedArchiveError),
  )

  const limited: Record<string, [ArchiveLimits, Buffer[]]> = {
    'too many entries': [{ entries: 2 }, [raw({}), raw({}), raw({})]],
    'too many headers of one entry': [{ entries: 2 }, [pax([]), pax([]), pax([]), raw({})]],
    'a huge PAX header': [{ headerSize: 1000 }, [pax([['comment', 'x'.repeat(1000)]]), raw({})]],
    'a PAX header that only says it is huge': [{}, [raw({ type: 'x', size: 8 ** 11 - 1 })]],
    'a long path': [{ pathLength: 10 }, [pax([['path', 'x'.repeat(11)]]), raw({})]],
    'too many bytes': [{ size: 1000 }, [file, file]],
    'global PAX records that every entry would carry': [
      {},
      [...Array.from({ length: 1000 }, (_, number) => pax([[`key${number}`, 'x']], 'g')), raw({})],
    ],
    'holes far larger than the archive': [
      {},
      [
        pax([
          ['GNU.sparse.size', String(2 ** 31)],
          ['GNU.sparse.map', '0,0'],
        ]),
        raw({}),
      ],
    ],
    'holes larger than the limit': [
      {},
      [
        pax([
          ['GNU.sparse.size', '9000000000000000'],
          ['GNU.sparse.map', '0,0'],
        ]),
        raw({}),
      ],
    ],
  }
  test.each(Object.entries(limited))('%s', async (_name, [limits, archive]) =>
    expect(read([...archive, end], { limits })).rejects.toThrow(ArchiveLimitError),
  )

  test('to give a body twice, or after the next entry', async () => {
    const kept: TarEntry[] = []
    for await (const entry of readTar(chunked(Buffer.concat([file, file, end]), 512))) {
      kept.push(entry)
      await entry.bytes(600)
      expect(() => entry.body()).toThrow(TypeError)
    }
    expect(() => kept[0]?.body()).toThrow(TypeError)
  })
})

describe('readTar()', () => {
  test('reads the same whatever the chunks are', async () => {
    const archive = Buffer.concat([
      pax([['path', 'é'.repeat(90)]]),
      withBody({}, Buffer.from(Array.from({ length: 2000 }, (_, index) => index % 251))),
      withBody({ name: 'two' }, 'two'),
      end,
    ])
    const whole = await read(archive)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (chunk) => {
        expect(await read(archive, { chunk })).toEqual(whole)
      }),
      { numRuns: 30 },
    )
  })

  test('never fails but by its own errors, whatever bytes are changed', async () => {
    const archive = Buffer.concat([
      pax([['path', 'abc']]),
      withBody({}, 'hello'),
      raw({ type: '2', link: 'x' }),
      end,
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { maxLength: 5 }),
        async (edits) => {
          const copy = Buffer.from(archive)
          for (const [at, byte] of edits) copy[at] = byte
          const failure: unknown = await read(copy).then(
            () => undefined,
            (error: unknown) => error,
          )
          expect([undefined, 'ARCHIVE_LIMIT', 'DAMAGED_ARCHIVE']).toContain(
            failure instanceof LadingError ? failure.code : failure,
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  test('reads what modern-tar writes', async () => {
    const name = `${'long/'.repeat(60)}name`
    const bytes = await packTar([
      {
        header: { name, size: 5, type: 'file', mtime: new Date(5000), pax: { 'SCHILY.xattr.user.a': 'b' } },
        body: 'hello',
      },
      { header: { name: 'ünï/', size: 0, type: 'directory', mode: 0o700 } },
      { header: { name: 'l', size: 0, type: 'link', linkname: name } },
    ])
    const found = await read(Buffer.from(bytes))
    expect(
      found.map(({ header, body }) => [header.path, header.type, header.linkPath, body.toString()]),
    ).toEqual([
      [name, 'file', '', 'hello'],
      ['ünï', 'directory', '', ''],
      ['l', 'hardlink', name, ''],
    ])
    expect(found[0]?.header).toMatchObject({ mtime: 5, pax: new Map([['SCHILY.xattr.user.a', 'b']]) })
  })
})

describe('scanTar()', () => {
  test('gives the entries of a file, and bodies only where they are asked for', async () => {
    await withFile(
      Buffer.concat([
        withBody({ name: 'big' }, 'x'.repeat(200_000)),
        withBody({ name: 'small' }, 'hello'),
        end,
      ]),
      async (path) => {
        const file = await open(path)
        try {
          const found: unknown[] = []
          for await (const entry of scanTar(file)) {
            const body = entry.path === 'small' ? Buffer.from(await entry.bytes(10)).toString() : undefined
            found.push([entry.path, entry.offset, entry.size, body])
          }
          expect(found).toEqual([
            ['big', 512, 200_000, undefined],
            ['small', 201_216, 5, 'hello'],
          ])
          const { buffer } = await file.read(Buffer.alloc(5), 0, 5, 201_216)
          expect(buffer.toString()).toBe('hello')
        } finally {
          await file.close()
        }
      },
    )
  })

  test('notices a body that goes past the end of the file', async () => {
    await withFile(raw({ size: 10_000 }), async (path) => {
      const file = await open(path)
      try {
        await expect(readAll(scanTar(file))).rejects.toThrow(DamagedArchiveError)
      } finally {
        await file.close()
      }
    })
  })
})

async function withFile(bytes: Buffer, use: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lading-tar-'))
  try {
    await writeFile(join(directory, 'archive.tar'), bytes)
    await use(join(directory, 'archive.tar'))
  } finally {
    await rm(directory, { recursive: true })
  }
}

const realImages = join(import.meta.dirname, '../../../shared/testdata/images')
const realArchives = await readdir(realImages).catch(() => [])

describe.skipIf(realArchives.length === 0)('readTar() reads the image archives at hand', () => {
  test.each(realArchives)('%s', async (name) => {
    const found = await read(await readFile(join(realImages, name)))
    expect(found.map(({ header }) => header.path).join()).toMatch(/\b(?:manifest|index)\.json\b/)
  })
})
