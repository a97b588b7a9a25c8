import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FilePositions } from './file-positions.ts'

describe('FilePositions', () => {
  it.each([
    ['', 0, { start: 0, end: 0, line: 1, column: 1 }],
    ['ab', 1, { start: 1, end: 2, line: 1, column: 2 }],
    ['ä\nb', 2, { start: 3, end: 4, line: 2, column: 1 }],
    ['😀x', 2, { start: 4, end: 5, line: 1, column: 3 }],
    ['\uFEFFx', 1, { start: 3, end: 4, line: 1, column: 2 }],
    ['a\r\nx', 3, { start: 3, end: 4, line: 2, column: 1 }],
  ])('%j at %i', (text, offset, expected) => {
    const end = Math.min(offset + 1, text.length)
    expect(new FilePositions(text).range(offset, end)).toEqual(expected)
  })

  it('gives the bytes of every part', () => {
    const text = fc.array(fc.constantFrom('a', 'ä', '€', '😀', '\n', '\r\n'), { maxLength: 40 })
    const prefixes = fc.constantFrom('', 'x'.repeat(1020), `${'x'.repeat(1023)}😀`, `${'ä'.repeat(2047)}😀`)
    fc.assert(
      fc.property(prefixes, text, fc.nat(), fc.nat(), (prefix, tail, some, more) => {
        const parts = [prefix, ...tail]
        const start = parts.slice(0, some % (parts.length + 1)).join('').length
        const whole = parts.join('')
        const end = start + parts.slice(some % (parts.length + 1), more % (parts.length + 1)).join('').length
        const range = new FilePositions(whole).range(start, end)
        expect(Buffer.from(whole).subarray(range.start, range.end).toString()).toBe(whole.slice(start, end))
        expect(whole.slice(0, start).split('\n')).toHaveLength(range.line)
      }),
    )
  })
})
