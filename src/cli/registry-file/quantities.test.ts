import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { durationPattern, parseDuration, parseSize, sizePattern } from './quantities.ts'

describe('parseDuration()', () => {
  test.each([
    ['0s', 0],
    ['90s', 90],
    ['5m', 300],
    ['24h', 86_400],
    ['7d', 604_800],
    ['2w', 1_209_600],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each(['', '5', 's', '-5s', '1.5h', '5 m', '5M', '1h30m', '5ms', '99999w', '9999999999s'])(
    '%j is no time',
    (text) => {
      expect(durationPattern.test(text)).toBe(false)
    },
  )
})

describe('parseSize()', () => {
  test.each([
    ['0B', 0],
    ['512KiB', 524_288],
    ['4MiB', 4_194_304],
    ['64GiB', 68_719_476_736],
    ['2TB', 2_000_000_000_000],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['', '5', 'MB', '-5MB', '1.5GB', '5 MB', '5mb', '5M', '5Gi'])('%j is no size', (text) => {
    expect(sizePattern.test(text)).toBe(false)
  })

  test('whatever is a size is a number of bytes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('B', 'KB', 'MB', 'KiB', 'MiB'), (amount, unit) => {
        expect(parseSize(`${amount}${unit}`)).toBeGreaterThanOrEqual(amount)
      }),
    )
  })
})
