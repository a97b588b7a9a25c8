import { execFileSync, spawnSync } from 'node:child_process'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { unpackTar } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import {
  DamagedArchiveError,
  encodeTarHeader,
  readTar,
  type TarEntryType,
  type TarHeader,
  type TarHeaderInit,
  type TarSource,
  TarWriter,
  writeTar,
} from './index.ts'

async function bytesOf(entries: Iterable<TarSource>): Promise<Buffer> {
  return buffer(writeTar(entries))
}

async function readBack(bytes: Buffer): Promise<{ header: TarHeader; body: string }[]> {
  const found: { header: TarHeader; body: string }[] = []
  for await (const entry of readTar(Readable.from([bytes], { objectMode: false }))) {
    const {
      path,
      type,
      mode,
      uid,
      gid,
      userName,
      groupName,
      mtime,
      size,
      linkPath,
      deviceMajor,
      deviceMinor,
      pax,
    } = entry
    const body = Buffer.from(await entry.bytes(1 << 20)).toString('latin1')
    found.push({
      header: {
        path,
        type,
        mode,
        uid,
        gid,
        userName,
        groupName,
        mtime,
        size,
        linkPath,
        deviceMajor,
        deviceMinor,
        pax,
      },
      body,
    })
  }
  return found
}

const text = fc
  .array(fc.constantFrom('a', '/', 'ü', '\u{1f600}', '\udc80', '\udcff', 'é', '.', ' ', '='), {
    minLength: 1,
    maxLength: 250,
  })
  .map((parts) => parts.join('').replace(/\/+$/, ''))
  .filter((path) => path !== '' && isStable(path))

/** Escaped bytes that make UTF-8 together come back as that. */
function isStable(path: string): boolean {
  return !/[\udc80-\udcff]{2}/.test(path.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
}

const entries: fc.Arbitrary<TarSource> = fc
  .record({
    path: text,
    type: fc.constantFrom<TarEntryType>(
      'file',
      'directory',
      'symlink',
      'hardlink',
      'character-device',
      'fifo',
    ),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.oneof(fc.nat(), fc.integer({ min: -5, max: 0o7777777 + 2 })),
    gid: fc.nat(),
    userName: fc.oneof(fc.constant(''), text),
    groupName: fc.constantFrom('', 'users', 'größe', 'g'.repeat(33)),
    mtime: fc.oneof(
      fc.integer(),
      fc.integer().map((value) => value / 1000),
      fc.constant(2 ** 40),
    ),
    linkPath: text,
    major: fc.nat(4095),
    pax: fc.dictionary(fc.constantFrom('SCHILY.xattr.user.a', 'SCHILY.xattr.user.ü', 'atime'), text),
    body: fc.string({ maxLength: 1100, unit: 'binary-ascii' }),
  })
  .map(({ path, type, linkPath, major, pax, body, ...rest }) => {
    const isLink = type === 'symlink' || type === 'hardlink'
    const header: TarHeaderInit = {
      ...rest,
      path,
      type,
      linkPath: isLink ? linkPath : '',
      deviceMajor: type === 'character-device' ? major : 0,
      deviceMinor: type === 'character-device' ? 3 : 0,
      pax: new Map(Object.entries(pax)),
      size: type === 'file' ? body.length : 0,
    }
    return type === 'file' ? { header, body: Buffer.from(body, 'latin1') } : { header }
  })

describe('writeTar()', () => {
  test('writes what readTar() reads back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entries, { maxLength: 4 }), async (sources) => {
        const found = await readBack(await bytesOf(sources))
        expect(found).toEqual(
          sources.map(({ header, body }) => ({
            header,
            body: body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : '',
          })),
        )
      }),
      { numRuns: 150 },
    )
  })

  test('gives the same bytes for the same entries, whatever the order of their PAX records', async () => {
    const header = { path: 'f', type: 'file' } as const
    const one = new Map([
      ['SCHILY.xattr.user.a', '1'],
      ['SCHILY.xattr.user.b', '2'],
    ])
    const other = new Map([...one].toReversed())
    expect(await bytesOf([{ header: { ...header, pax: one } }])).toEqual(
      await bytesOf([{ header: { ...header, pax: other } }]),
    )
  })

  test('writes what modern-tar reads', async () => {
    const long = `${'long/'.repeat(60)}name`
    const bytes = await bytesOf([
      { header: { path: long, type: 'file', mtime: 7 }, body: Buffer.from('hello') },
      { header: { path: 'ünï', type: 'directory', mode: 0o700 } },
      { header: { path: 'link', type: 'symlink', linkPath: 'ä' } },
    ])
    const found = await unpackTar(bytes)
    expect(found.map(({ header }) => [header.name, header.type, header.mode, header.linkname])).toEqual([
      [long, 'file', 0o644, ''],
      ['ünï/', 'directory', 0o700, ''],
      ['link', 'symlink', 0o777, 'ä'],
    ])
    expect(Buffer.from(found[0]?.data ?? []).toString()).toBe('hello')
  })

  test.skipIf(spawnSync('tar', ['--version']).error !== undefined)(
    'writes what the tar at hand lists',
    async () => {
      const split = `${'d'.repeat(90)}/${'e'.repeat(90)}`
      const paths = ['plain', split, 'x'.repeat(300), 'ünï']
      const bytes = await bytesOf([
        ...paths.map((path) => ({ header: { path, type: 'file' } as const, body: Buffer.from('x') })),
        { header: { path: 'nothing\udcff', type: 'file', mtime: 1.5, uid: 4_000_000 } },
      ])
      const listed = execFileSync('tar', ['-tf', '-'], {
        input: bytes,
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
        stdio: 'pipe',
      })
      expect(listed.toString('latin1')).toContain(split)
      expect(listed.toString().split('\n')).toHaveLength(6)
    },
  )

  for (const [name, size] of [
    ['longer', 3],
    ['shorter', 5],
  ] as const) {
    test(`refuses a body that is ${name} than its header says`, async () => {
      const entry = {
        header: { path: 'f', type: 'file', size } as const,
        body: Readable.from([Buffer.from('four')]),
      }
      await expect(bytesOf([entry])).rejects.toThrow(DamagedArchiveError)
    })
  }
})

describe('encodeTarHeader()', () => {
  test('needs no PAX header for what ustar can say', () => {
    const path = `${'d'.repeat(154)}/${'e'.repeat(100)}`
    expect(encodeTarHeader({ path, type: 'file', size: 8 ** 11 - 1, uid: 0o7777777 })).toHaveLength(512)
  })

  test.each([
    { path: 'ü' },
    { path: 'x'.repeat(101) },
    { size: 8 ** 11 },
    { uid: 0o10000000 },
    { mtime: -1 },
    { mtime: 0.5 },
    { pax: new Map([['SCHILY.xattr.user.a', 'b']]) },
  ])('writes a PAX header for %o', (fields) => {
    expect(encodeTarHeader({ path: 'f', type: 'file', ...fields })).toHaveLength(1536)
  })

  test('refuses a device that tar has no number for', () => {
    expect(() => encodeTarHeader({ path: 'd', type: 'block-device', deviceMajor: 2 ** 30 })).toThrow(
      DamagedArchiveError,
    )
  })
})

describe('TarWriter', () => {
  test('writes as fast as the stream takes it, and ends it', async () => {
    const taken: Buffer[] = []
    const slow = new Writable({
      highWaterMark: 10,
      write(chunk: Buffer, _encoding, done) {
        taken.push(chunk)
        setImmediate(done)
      },
    })
    const writer = new TarWriter(slow)
    await writer.add({ path: 'a', type: 'file' }, Buffer.from('a'))
    await writer.add(
      { path: 'b', type: 'file', size: 4 },
      Readable.from([Buffer.from('bb'), Buffer.from('bb')]),
    )
    await writer.end()
    expect((await readBack(Buffer.concat(taken))).map(({ header, body }) => [header.path, body])).toEqual([
      ['a', 'a'],
      ['b', 'bbbb'],
    ])
  })

  test('fails with the error of the stream, also while it waits', async () => {
    const failure = new Error('disk full')
    const broken = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => setImmediate(() => done(failure)),
    })
    broken.on('error', () => undefined)
    const writer = new TarWriter(broken)
    await expect(writer.add({ path: 'a', type: 'file' }, Buffer.from('a'))).rejects.toBe(failure)
    await expect(writer.add({ path: 'b', type: 'file' }, Buffer.from('b'))).rejects.toBe(failure)
  })

  test('stops with the signal’s reason while the stream takes nothing', async () => {
    const stop = new AbortController()
    const stalled = new PassThrough({ highWaterMark: 1 })
    const adding = new TarWriter(stalled).add({ path: 'a', type: 'file' }, undefined, { signal: stop.signal })
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(adding).rejects.toBe(reason)
  })
})
