import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDigester, digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts'
import { InvalidDigestError } from './errors.ts'

const hello = new TextEncoder().encode('hello')
const sha256OfHello = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

describe('parseDigest()', () => {
  test('takes sha256 and sha512', () => {
    expect(parseDigest(sha256OfHello)).toBe(sha256OfHello)
    const long = parseDigest(`sha512:${'0f'.repeat(64)}`)
    expect(digestAlgorithm(long)).toBe('sha512')
    expect(digestHex(long)).toBe('0f'.repeat(64))
  })

  test.each([
    ['abc', 'there is no ":"'],
    ['md5:abc', 'the algorithm "md5" is not sha256 or sha512'],
    [`sha384:${'0'.repeat(96)}`, 'the algorithm "sha384"'],
    ['sha256:abc', 'sha256 has 64 hex digits, here are 3'],
    [`sha512:${'0'.repeat(64)}`, 'sha512 has 128 hex digits, here are 64'],
    [sha256OfHello.toUpperCase(), 'the algorithm "SHA256"'],
    [`sha256:${'A'.repeat(64)}`, 'lower-case'],
    [`${sha256OfHello}\n`, 'here are 65'],
  ])('refuses %j and says why', (text, problem) => {
    expect(isDigest(text)).toBe(false)
    expect(() => parseDigest(text)).toThrow(problem)
  })

  test('gives a digest or an InvalidDigestError for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
          fc.stringMatching(/^sha(256|512):[0-9a-f]*$/),
        ),
        (text) => {
          const outcome = outcomeOf(text)
          expect(outcome === text || outcome instanceof InvalidDigestError).toBe(true)
        },
      ),
    )
  })
})

describe('digestOf()', () => {
  test('hashes bytes, whole or in pieces', () => {
    expect(digestOf(hello)).toBe(sha256OfHello)
    const digester = createDigester()
    expect(digester.update(hello.subarray(0, 2)).update(hello.subarray(2)).digest()).toBe(sha256OfHello)
    expect(isDigest(digestOf(hello, 'sha512'))).toBe(true)
  })
})

function outcomeOf(text: string): unknown {
  try {
    return parseDigest(text)
  } catch (error) {
    return error
  }
}
