import { describe, expect, test } from 'vitest'
import { parseWarnings } from './parse-warning.ts'

describe('parseWarnings()', () => {
  test.each([
    ['299 - "Your auth token will expire in 30 seconds."', ['Your auth token will expire in 30 seconds.']],
    ['299 - "one", 299 registry.example "two"', ['one', 'two']],
    ['299 - "with, comma", 299 - "and \\"quotes\\" \\\\"', ['with, comma', 'and "quotes" \\']],
    ['199 - "another code"', []],
    ['299 - unquoted', []],
    ['299 - ""', []],
    ['299 - "never closed', []],
    ['299 - "clear\u001b[2Jed\u202e"', ['clear [2Jed']],
    ['', []],
  ])('%j', (header, texts) => {
    expect(parseWarnings(header)).toEqual(texts)
  })

  test('cuts what is too long to be shown', () => {
    expect(parseWarnings(`299 - "${'x'.repeat(10_000)}"`)[0]).toHaveLength(501)
  })
})
