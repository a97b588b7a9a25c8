import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../oci/index.ts'
import { UploadSource } from './upload-source.ts'

function cutBody(bytes: Buffer, lengths: readonly number[]) {
  return {
    open: async (offset: number) => {
      const chunks: Buffer[] = []
      let position = offset
      for (const length of lengths) {
        chunks.push(bytes.subarray(position, position + length))
        position += length
      }
      return Readable.from([...chunks, bytes.subarray(position)].filter(({ length }) => length > 0))
    },
  }
}

describe('UploadSource', () => {
  test('gives the right bytes for whatever parts a registry asks, and counts each once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 80 })), { maxLength: 8 }),
        async (content, lengths, parts) => {
          const bytes = Buffer.from(content)
          let counted = 0
          const descriptor = { mediaType: 'x/y', digest: digestOf(bytes), size: bytes.length }
          const source = new UploadSource(descriptor, cutBody(bytes, lengths), {
            onBytes: (count) => {
              counted += count
            },
          })
          for (const [from, length] of parts) {
            const start = from % (source.seen + 1)
            const end = Math.min(start + length, bytes.length)
            if (start === end) continue
            expect(await buffer(await source.open(start, end))).toEqual(bytes.subarray(start, end))
            expect(counted).toBe(end)
          }
          expect(await buffer(await source.open(0, bytes.length))).toEqual(bytes)
          expect(counted).toBe(bytes.length)
          source.close()
        },
      ),
    )
  })

  test('is not disturbed by a part that was given up while its source was slow', async () => {
    const bytes = Buffer.from('0123456789')
    const { promise: late, resolve: arrive } = Promise.withResolvers<void>()
    let openings = 0
    const body = {
      open: async (offset: number) => {
        openings += 1
        const slow = openings === 1
        return Readable.from(
          (async function* () {
            yield bytes.subarray(offset, offset + 3)
            if (slow) await late
            yield bytes.subarray(offset + 3)
          })(),
        )
      },
    }
    const source = new UploadSource({ mediaType: 'x/y', digest: digestOf(bytes), size: 10 }, body, {})
    const given = await source.open(0, 10)
    given.resume()
    await new Promise((resolve) => setImmediate(resolve))
    given.destroy()
    const again = await source.open(0, 10)
    arrive()
    expect(await buffer(again)).toEqual(bytes)
    expect(source.failure).toBeUndefined()
  })
})
