import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DamagedContentError } from '../content/index.ts'
import { regionStream } from './region-stream.ts'

const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, place) => place % 251))

let scratch: string
let file: Awaited<ReturnType<typeof open>>

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lading-region-'))
  await writeFile(join(scratch, 'file'), bytes)
  file = await open(join(scratch, 'file'))
})

afterAll(async () => {
  await file.close()
  await rm(scratch, { recursive: true })
})

describe('regionStream()', () => {
  test('gives exactly the bytes of a range of a region, several at once', async () => {
    const place = fc.nat(bytes.length)
    await fc.assert(
      fc.asyncProperty(
        place,
        place,
        fc.nat(400_000),
        fc.option(fc.nat(400_000)),
        async (a, b, start, length) => {
          const region = { offset: Math.min(a, b), size: Math.abs(a - b) }
          const range = length === null ? { start } : { start, end: start + length }
          const whole = bytes.subarray(region.offset, region.offset + region.size)
          const [first, second] = await Promise.all([
            buffer(regionStream(file, region, 'x')),
            buffer(regionStream(file, region, 'x', { range })),
          ])
          expect(first.equals(whole)).toBe(true)
          expect(
            second.equals(
              length === null ? whole.subarray(start) : whole.subarray(start, start + length + 1),
            ),
          ).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('ends in an error when the file ends first', async () => {
    const region = { offset: bytes.length - 10, size: 11 }
    await expect(buffer(regionStream(file, region, 'layer 3'))).rejects.toThrow(DamagedContentError)
    await expect(buffer(regionStream(file, region, 'layer 3'))).rejects.toThrow(
      'Cannot read layer 3: the file ends before it does',
    )
  })

  test('ends in the reason of its signal', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const stream = regionStream(file, { offset: 0, size: bytes.length }, 'x', { signal: controller.signal })
    controller.abort(reason)
    await expect(buffer(stream)).rejects.toBe(reason)
  })
})
