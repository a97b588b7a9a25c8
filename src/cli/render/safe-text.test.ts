import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safeText } from './safe-text.ts'

describe('safeText()', () => {
  test('lets no escape sequence of an image reach the terminal', () => {
    expect(safeText('\u001b[2Jhello\u0007\r\n')).toBe('\\x1b[2Jhello\\x07\\x0d\\x0a')
  })

  test('shows overrides of the writing direction', () => {
    expect(safeText('gpj.\u202etxt')).toBe('gpj.\\u202etxt')
  })

  test('leaves what people write alone', () => {
    expect(safeText('naïve 日本語 🚢')).toBe('naïve 日本語 🚢')
  })

  test('never gives control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
      }),
    )
  })
})
