import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRange } from './parse-range.ts'

describe('parseRange()', () => {
  it.each([
    ['bytes=0-0', 2048, { start: 0, end: 0 }],
    ['bytes=500-1499', 2048, { start: 500, end: 1499 }],
    ['bytes=500-', 2048, { start: 500, end: 2047 }],
    ['bytes=-500', 2048, { start: 1548, end: 2047 }],
    ['bytes=-5000', 2048, { start: 0, end: 2047 }],
    ['bytes=2000-5000', 2048, { start: 2000, end: 2047 }],
    ['BYTES=1-2', 2048, { start: 1, end: 2 }],
    ['bytes=500-0', 2048, 'unsatisfiable'],
    ['bytes=5000-10000', 2048, 'unsatisfiable'],
    ['bytes=2048-', 2048, 'unsatisfiable'],
    ['bytes=-0', 2048, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
    ['bytes=0-1,4-5', 2048, undefined],
    ['bytes=-', 2048, undefined],
    ['bytes=', 2048, undefined],
    ['bytes=a-b', 2048, undefined],
    ['bytes=-1-2', 2048, undefined],
    ['items=0-1', 2048, undefined],
    ['', 2048, undefined],
  ])('%j of %i bytes', (header, size, range) => {
    expect(parseRange(header, size)).toEqual(range)
  })

  it('gives only ranges that lie within the content', () => {
    const bound = fc.oneof(
      fc.constant(''),
      fc.nat({ max: 300 }).map(String),
      fc.bigInt({ min: 0n }).map(String),
    )
    fc.assert(
      fc.property(bound, bound, fc.nat({ max: 200 }), (first, last, size) => {
        const range = parseRange(`bytes=${first}-${last}`, size)
        if (range === undefined || range === 'unsatisfiable') return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeGreaterThanOrEqual(range.start)
        expect(range.end).toBeLessThan(size)
      }),
    )
  })
})
