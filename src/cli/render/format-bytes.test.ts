import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBytes } from './format-bytes.ts'

describe('formatBytes()', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KB'],
    [1536, '1.54 KB'],
    [29_130_000, '29.1 MB'],
    [999_499, '999 KB'],
    [999_500, '1 MB'],
    [133_012_025, '133 MB'],
    [1e12, '1 TB'],
  ])('writes %d as %j', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  test('takes at most seven columns', () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(formatBytes(bytes).length).toBeLessThanOrEqual(7)
      }),
    )
  })
})
