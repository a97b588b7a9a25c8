import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { parseRepositoryPattern } from './repository-pattern.ts'

describe('parseRepositoryPattern()', () => {
  test.each([
    ['team/app', ['team/app'], ['team/app2', 'team/app/x', 'x/team/app', 'team', 'Team/app']],
    ['team/*', ['team/app', 'team/a-b'], ['team', 'team/app/web', 'team-a/app', 'teams/app']],
    ['team/**', ['team/app', 'team/app/web'], ['team', 'team-a/app', 'other/team/app']],
    ['**', ['a', 'a/b', 'a/b/c'], []],
    ['*', ['a', 'a-b'], ['a/b']],
    ['*/app', ['a/app'], ['app', 'a/b/app', 'a/app2']],
    ['**/app', ['a/app', 'a/b/app'], ['app', 'a/app2']],
    ['library-*/**-dev', ['library-x/y-dev', 'library-/y/z-dev'], ['library/y-dev', 'library-x/y']],
    ['a.c', ['a.c'], ['abc']],
  ])('%s means what it says', (pattern, meant, notMeant) => {
    const matches = parseRepositoryPattern(pattern)
    expect(meant.filter((name) => !matches(name))).toEqual([])
    expect(notMeant.filter((name) => matches(name))).toEqual([])
  })

  test.each(['', '/team', 'team/', 'a//b', 'Team/*', 'a?', '[ab]', '{a,b}', '!a', 'a b', 'a'.repeat(256)])(
    'refuses %j',
    (pattern) => {
      expect(() => parseRepositoryPattern(pattern)).toThrow(AccessConfigurationError)
    },
  )

  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 4 })
  const name = fc
    .array(
      letters.map((text) => `a${text}`),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join('/'))
  const pattern = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', '-', '*', '**'), minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.join('/'))

  test('agrees with a regular expression that says the same', () => {
    fc.assert(
      fc.property(pattern, name, (text, repository) => {
        const source = text.replaceAll(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/]*'))
        expect(parseRepositoryPattern(text)(repository)).toBe(new RegExp(`^${source}$`).test(repository))
      }),
      { numRuns: 1000 },
    )
  })

  test('a name without wildcards means itself and nothing else', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(parseRepositoryPattern(one)(other)).toBe(one === other)
      }),
    )
  })

  test('what * lets through, ** does', () => {
    fc.assert(
      fc.property(pattern, name, (text, repository) => {
        fc.pre(parseRepositoryPattern(text)(repository))
        expect(parseRepositoryPattern(text.replaceAll(/\*+/g, '**'))(repository)).toBe(true)
      }),
    )
  })

  test('takes no time for a pattern of many wildcards that nearly matches', () => {
    const matches = parseRepositoryPattern('*a'.repeat(100))
    expect(matches(`${'a'.repeat(250)}b`)).toBe(false)
  })
})
