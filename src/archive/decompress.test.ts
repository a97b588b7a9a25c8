import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ArchiveLimits,
  ArchiveLimitError,
  compress,
  DamagedArchiveError,
  decompress,
  UnsupportedCompressionError,
} from './index.ts'

function streamOf(bytes: Buffer, chunk: number = bytes.length || 1): Readable {
  const chunks: Buffer[] = []
  for (let start = 0; start < bytes.length; start += chunk) chunks.push(bytes.subarray(start, start + chunk))
  return Readable.from(chunks, { objectMode: false })
}

async function plain(
  bytes: Buffer,
  options: { chunk?: number; limits?: ArchiveLimits } = {},
): Promise<Buffer> {
  return buffer((await decompress(streamOf(bytes, options.chunk), options)).stream)
}

const one = Buffer.from('one '.repeat(300))
const two = randomBytes(150_000)
const both = Buffer.concat([one, two])
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('skip')])
const emptySkippable = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])
const zeros = Buffer.alloc(300_000)

describe('decompress() makes plain', () => {
  const streams: Record<string, [compression: string, bytes: Buffer, expected: Buffer]> = {
    'what is not compressed': ['none', one, one],
    'what is too short to tell': ['none', Buffer.from([0x1f]), Buffer.from([0x1f])],
    nothing: ['none', Buffer.alloc(0), Buffer.alloc(0)],
    gzip: ['gzip', gzipSync(both), both],
    'gzip of several members': ['gzip', Buffer.concat([gzipSync(one), gzipSync(two)]), both],
    'gzip with an empty member': ['gzip', Buffer.concat([gzipSync(Buffer.alloc(0)), gzipSync(one)]), one],
    'gzip with zeros behind it': ['gzip', Buffer.concat([gzipSync(both), zeros]), both],
    zstd: ['zstd', zstdCompressSync(both), both],
    'zstd of several frames': ['zstd', Buffer.concat([zstdCompressSync(one), zstdCompressSync(two)]), both],
    'zstd with skippable frames before, between and behind': [
      'zstd',
      Buffer.concat([
        skippable,
        zstdCompressSync(one),
        emptySkippable,
        skippable,
        zstdCompressSync(two),
        skippable,
      ]),
      both,
    ],
    'zstd of skippable frames alone': ['zstd', Buffer.concat([skippable, emptySkippable]), Buffer.alloc(0)],
    'zstd with an empty frame': [
      'zstd',
      Buffer.concat([zstdCompressSync(Buffer.alloc(0)), zstdCompressSync(one)]),
      one,
    ],
    'zstd of one repeated byte': ['zstd', zstdCompressSync(zeros), zeros],
  }
  test.each(Object.entries(streams))('%s', async (_name, [compression, bytes, expected]) => {
    const { compression: found, stream } = await decompress(streamOf(bytes))
    expect(found).toBe(compression)
    expect((await buffer(stream)).equals(expected)).toBe(true)
  })

  test('several frames with checksums, whatever the chunks are', async () => {
    const frames = await Promise.all(
      [one, two.subarray(0, 500), Buffer.alloc(0)].map((bytes) =>
        buffer(streamOf(bytes).pipe(compress('zstd'))),
      ),
    )
    const bytes = Buffer.concat([...frames, skippable, ...frames])
    const once = Buffer.concat([one, two.subarray(0, 500)])
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length }), async (chunk) => {
        expect((await plain(bytes, { chunk })).equals(Buffer.concat([once, once]))).toBe(true)
      }),
      { numRuns: 25, examples: [[1]] },
    )
  })

  test('members of gzip, whatever the chunks are', async () => {
    const bytes = Buffer.concat([gzipSync(one), gzipSync(two.subarray(0, 500)), Buffer.alloc(20)])
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length }), async (chunk) => {
        expect(await plain(bytes, { chunk })).toEqual(Buffer.concat([one, two.subarray(0, 500)]))
      }),
      { numRuns: 25, examples: [[1]] },
    )
  })
})

describe('decompress() refuses', () => {
  const gzip = gzipSync(both)
  const zstd = zstdCompressSync(both)
  const damaged: Record<string, Buffer> = {
    'gzip that is cut': gzip.subarray(0, -5),
    'gzip whose second member is cut': Buffer.concat([gzipSync(one), gzip.subarray(0, 15)]),
    'gzip whose bytes were changed': broken(gzip),
    'gzip with something behind it': Buffer.concat([gzip, Buffer.from('more')]),
    'gzip with something behind zeros': Buffer.concat([gzip, Buffer.alloc(100), gzipSync(one)]),
    'zstd that is cut': zstd.subarray(0, -5),
    'zstd cut between blocks': zstd.subarray(0, 30),
    'zstd whose second magic number is cut': Buffer.concat([zstd, zstd.subarray(0, 3)]),
    'zstd whose skippable frame is cut': Buffer.concat([zstd, skippable.subarray(0, -1)]),
    'zstd with something behind it': Buffer.concat([zstd, Buffer.alloc(8)]),
  }
  for (const [name, bytes] of Object.entries(damaged)) {
    for (const chunk of [1000, bytes.length]) {
      test(`${name}, in chunks of ${chunk}`, async () => {
        await expect(plain(bytes, { chunk })).rejects.toThrow(DamagedArchiveError)
      })
    }
  }

  test.each([
    ['xz', Buffer.from('\xfd7zXZ\0....', 'latin1')],
    ['bzip2', Buffer.from('BZh91AY&SY')],
    ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18, 0, 0, 0])],
  ])('%s, and destroys the stream', async (format, bytes) => {
    const stream = streamOf(bytes)
    await expect(decompress(stream)).rejects.toThrow(UnsupportedCompressionError)
    await expect(decompress(streamOf(bytes))).rejects.toThrow(`it is ${format}`)
    expect(stream.destroyed).toBe(true)
  })

  const bomb = Buffer.alloc(20 * 1024 * 1024)
  test.each([
    ['a gzip bomb', gzipSync(bomb), { ratio: 500 }],
    ['a zstd bomb', zstdCompressSync(bomb), {}],
    ['more bytes than the limit', gzipSync(both), { size: 1000 }],
    ['more plain bytes than the limit', both, { size: 1000 }],
  ])('%s, and destroys the stream', async (_name, bytes, limits) => {
    const stream = streamOf(bytes, 4096)
    const { stream: output } = await decompress(stream, { limits })
    await expect(pipeline(output, (chunks) => drain(chunks))).rejects.toThrow(ArchiveLimitError)
    expect(stream.destroyed).toBe(true)
  })
})

describe('decompress()', () => {
  test('ends only after the source has ended, so that its own end is judged', async () => {
    const failure = new Error('wrong digest')
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.concat([gzipSync(one), Buffer.alloc(10)])
      yield Buffer.alloc(10)
      throw failure
    }
    const { stream } = await decompress(Readable.from(source(), { objectMode: false }))
    await expect(buffer(stream)).rejects.toBe(failure)
  })

  test('passes on an error of the source before the first byte', async () => {
    const failure = new Error('refused')
    const source = new Readable({ read: () => undefined })
    source.destroy(failure)
    await expect(decompress(source)).rejects.toBe(failure)
  })

  test('destroys the source when the result is destroyed, even while the source stalls', async () => {
    const source = new Readable({ read: () => undefined })
    source.push(gzipSync(both).subarray(0, 1000))
    const { stream } = await decompress(source)
    stream.resume()
    const closed = new Promise((resolve) => source.once('close', resolve))
    stream.destroy()
    await closed
    expect(source.destroyed).toBe(true)
  })

  test('ends with the signal’s reason, even while the source stalls', async () => {
    const stop = new AbortController()
    const source = new Readable({ read: () => undefined })
    source.push(gzipSync(both).subarray(0, 1000))
    const { stream } = await decompress(source, { signal: stop.signal })
    const reason = new Error('enough')
    const reading = buffer(stream)
    stop.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await expect(decompress(streamOf(one), { signal: stop.signal })).rejects.toBe(reason)
  })
})

describe('compress()', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    '%s gives the same bytes however the input is cut',
    async (format) => {
      const whole = await buffer(streamOf(both).pipe(compress(format)))
      const cut = await buffer(streamOf(both, 777).pipe(compress(format)))
      expect(whole.equals(cut)).toBe(true)
      const readers = { none: (bytes: Buffer) => bytes, gzip: gunzipSync, zstd: zstdDecompressSync }
      expect(Buffer.from(readers[format](whole)).equals(both)).toBe(true)
    },
  )

  test('gzip has neither time nor name in its header', async () => {
    const bytes = await buffer(streamOf(one).pipe(compress('gzip')))
    expect(bytes.readUInt8(3)).toBe(0)
    expect(bytes.readUInt32LE(4)).toBe(0)
  })
})

async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of chunks) void chunk
}

function broken(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.fill(0xff, 100_000, 100_100)
  return copy
}
