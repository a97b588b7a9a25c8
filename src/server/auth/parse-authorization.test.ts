import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAuthorization } from './parse-authorization.ts'

function basic(text: string | Uint8Array): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

describe('parseAuthorization()', () => {
  test.each([
    ['alice:secret', 'alice', 'secret'],
    ['alice:se:cr:et', 'alice', 'se:cr:et'],
    ['alice:', 'alice', ''],
    [':secret', '', 'secret'],
    ['jörg:pässwörd€', 'jörg', 'pässwörd€'],
    ['\uFEFFalice:x', '\uFEFFalice', 'x'],
  ])('reads Basic %j', (text, user, password) => {
    expect(parseAuthorization(basic(text))).toEqual({ scheme: 'basic', user, password })
  })

  test('reads the scheme in either case', () => {
    expect(parseAuthorization('bEARER abc.def')).toEqual({ scheme: 'bearer', token: 'abc.def' })
    expect(parseAuthorization('basic YTpi')).toEqual({ scheme: 'basic', user: 'a', password: 'b' })
  })

  test('is none without a header', () => {
    expect(parseAuthorization(undefined)).toEqual({ scheme: 'none' })
  })

  test.each([
    '',
    'Basic',
    'Basic ',
    'Basic YWxpY2U=',
    'Basic %%%%',
    'Basic YTpi YTpi',
    'Bearer',
    'Bearer a b',
    'Bearer "x"',
    'Digest username="a"',
    'YTpi',
    basic(Uint8Array.of(0xff, 0x3a, 0xfe)),
    basic('alice:se\0cret'),
    basic('al\nice:secret'),
  ])('cannot use %j', (header) => {
    expect(parseAuthorization(header)).toEqual({ scheme: 'unusable' })
  })

  test('gives back every name and password that may be sent', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((part) => !/[\x00-\x1f\x7f]/.test(part) && part.isWellFormed())
    fc.assert(
      fc.property(
        text.filter((user) => !user.includes(':')),
        text,
        (user, password) => {
          expect(parseAuthorization(basic(`${user}:${password}`))).toEqual({
            scheme: 'basic',
            user,
            password,
          })
        },
      ),
    )
  })

  test('never throws', () => {
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `Basic ${text}`),
      fc.uint8Array().map((bytes) => basic(bytes)),
      fc.string().map((text) => `Bearer ${text}`),
    )
    fc.assert(
      fc.property(header, (text) => {
        expect(['basic', 'bearer', 'unusable']).toContain(parseAuthorization(text).scheme)
      }),
    )
  })
})
