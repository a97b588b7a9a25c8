import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textWidth } from './text-width.ts'
import { wrapText } from './wrap-text.ts'

describe('wrapText()', () => {
  test.each([
    ['a short one', 20, ['a short one']],
    ['one two three', 7, ['one two', 'three']],
    ['sha256:0123456789 x', 10, ['sha256:012', '3456789 x']],
    ['', 10, ['']],
    ['画像画像', 5, ['画像', '画像']],
  ])('%j in %d columns', (text, columns, lines) => {
    expect(wrapText(text, columns)).toEqual(lines)
  })

  test('keeps every character but the blanks it breaks at, and the width', () => {
    const word = fc.string({ minLength: 1, unit: fc.constantFrom('a', 'é', '画', '-', '/') })
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 2, max: 30 }), (words, columns) => {
        const lines = wrapText(words.join(' '), columns)
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''))
        expect(Math.max(...lines.map((line) => textWidth(line)))).toBeLessThanOrEqual(columns)
      }),
    )
  })
})
