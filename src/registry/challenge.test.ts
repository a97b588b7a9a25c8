import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseChallenges } from './challenge.ts'

function parsed(...headers: string[]) {
  return parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

describe('parseChallenges()', () => {
  test.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
    ['Basic realm="Registry Realm"', ['basic', { realm: 'Registry Realm' }]],
    ['basic', ['basic', {}]],
    [
      'BEARER Realm=https://x.example/token , Service=x',
      ['bearer', { realm: 'https://x.example/token', service: 'x' }],
    ],
    [String.raw`Basic realm="a \"quoted\" \\ one"`, ['basic', { realm: String.raw`a "quoted" \ one` }]],
    [
      'Bearer realm = "https://x/",  error = "insufficient_scope"',
      ['bearer', { realm: 'https://x/', error: 'insufficient_scope' }],
    ],
    ['Bearer realm="unterminated', ['bearer', { realm: 'unterminated' }]],
    ['Bearer realm="first",realm="second"', ['bearer', { realm: 'first' }]],
  ])('reads %s', (header, expected) => {
    expect(parsed(header)).toEqual([expected])
  })

  test('reads several challenges in one header', () => {
    expect(parsed('Negotiate, Basic realm="x", Bearer realm="https://y/",service="z"')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
      ['bearer', { realm: 'https://y/', service: 'z' }],
    ])
  })

  test('does not take the token of one scheme for a parameter or another scheme', () => {
    expect(parsed('Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa+gJDA==, Basic realm="x"')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ])
  })

  test('reads several headers', () => {
    expect(parsed('Basic realm="x"', 'Bearer realm="https://y/"')).toHaveLength(2)
  })

  test('reads back whatever was written by the grammar', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
    const challenge = fc.record({
      scheme: word,
      parameters: fc.dictionary(word, fc.string({ unit: 'binary-ascii' }), {
        minKeys: 1,
        maxKeys: 4,
        noNullPrototype: true,
      }),
    })
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges
          .map(({ scheme, parameters }) => {
            const pairs = Object.entries(parameters)
            return `${scheme} ${pairs.map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(', ')}`
          })
          .join(', ')
        expect(parsed(header)).toEqual(challenges.map(({ scheme, parameters }) => [scheme, parameters]))
      }),
    )
  })

  test('never throws and never gives an empty scheme', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('aB ,=";\\/~\t\u0000é')) }), (header) => {
        for (const { scheme } of parseChallenges([header])) expect(scheme).not.toBe('')
      }),
    )
  })

  test('bounds what it reads', () => {
    expect(parseChallenges([`x,${'Basic a=b,'.repeat(100_000)}`]).length).toBeLessThanOrEqual(32)
  })
})
