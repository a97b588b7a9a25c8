import type { Readable } from 'node:stream'
import { defaultLimits } from './default-limits.ts'
import { ArchiveLimitError, UnsupportedCompressionError } from './errors.ts'
import { inflateGzip } from './inflate-gzip.ts'
import { inflateZstd } from './inflate-zstd.ts'
import { pullStream } from './pull-stream.ts'
import { StreamSource } from './stream-source.ts'
import type { ArchiveLimits, Compression, Decompressed, ReadArchiveOptions } from './types.ts'

/** The ratio is judged after so many bytes of output: small files of zeros are no bombs. */
const judgedAfter = 16 * 1024 * 1024

/** As many bytes as the longest magic number has. */
const magicLength = 6

/**
 * Makes a stream plain, whatever it is compressed with: told by its first bytes, never by a name.
 * gzip may have several members with zeros after them, zstd several frames and skippable ones.
 *
 * The result ends only after `stream` has ended, so that a verifying stream behind it has judged all
 * bytes. Destroying the result destroys `stream`; an error of `stream` is passed on.
 *
 * @throws {UnsupportedCompressionError} for xz, bzip2 and lz4.
 *   The stream then ends in {@link DamagedArchiveError} for compressed bytes that are cut short or wrong, and
 *   in {@link ArchiveLimitError} past `limits.size` or `limits.ratio`.
 */
export async function decompress(stream: Readable, options: ReadArchiveOptions = {}): Promise<Decompressed> {
  const { signal, limits = {} } = options
  try {
    signal?.throwIfAborted()
    const source = new StreamSource(stream, signal)
    const magic = await source.take(magicLength)
    const compression = recognise(magic)
    const output = bounded(compression, source, magic, limits)
    return { compression, stream: pullStream(output, { signal, onDestroy: () => stream.destroy() }) }
  } catch (error) {
    stream.destroy()
    signal?.throwIfAborted()
    throw error
  }
}

function recognise(magic: Buffer): Compression {
  if (magic.length >= 2 && magic.readUInt16BE() === 0x1f8b) return 'gzip'
  if (magic.length >= 4) {
    const number = magic.readUInt32LE()
    if (number === 0xfd2fb528 || (number & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd'
    if (number === 0x184d2204) throw unsupported('lz4')
    const text = magic.toString('latin1')
    if (text === '\xfd7zXZ\0') throw unsupported('xz')
    if (/^BZh[1-9]1A/.test(text)) throw unsupported('bzip2')
  }
  return 'none'
}

function unsupported(format: string): UnsupportedCompressionError {
  return new UnsupportedCompressionError(`Cannot decompress the stream: it is ${format}`, {
    hint: 'Images and their archives are plain, gzip or zstd.',
  })
}

async function* bounded(
  compression: Compression,
  source: StreamSource,
  magic: Buffer,
  limits: ArchiveLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const { size = defaultLimits.size, ratio = defaultLimits.ratio } = limits
  let length = 0
  for await (const chunk of plain(compression, pieces(magic, source))) {
    length += chunk.length
    if (length > size) {
      throw new ArchiveLimitError(`Cannot decompress ${compression}: there are more than ${size} bytes`)
    }
    if (length > judgedAfter && length > ratio * source.position) {
      throw new ArchiveLimitError(
        `Cannot decompress ${compression}: ${source.position} bytes became more than ${ratio} times as many`,
        { hint: 'This looks like an archive that was made to fill a disk.' },
      )
    }
    yield chunk
  }
}

function plain(compression: Compression, input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  switch (compression) {
    case 'none':
      return input
    case 'gzip':
      return inflateGzip(input)
    case 'zstd':
      return inflateZstd(input)
    default:
      return compression satisfies never
  }
}

async function* pieces(magic: Buffer, source: StreamSource): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (magic.length > 0) yield magic
    for (;;) {
      const piece = await source.piece(Number.POSITIVE_INFINITY)
      if (piece === undefined) return
      yield piece
    }
  } finally {
    await source.close()
  }
}
