import fc from 'fast-check'
import { expect, test } from 'vitest'
import { regexpAsGlob } from './regexp-as-glob.ts'

test.each([
  ['^https://github\\.com/me/.*$', 'https://github.com/me/*'],
  ['https://github.com/me/.*', 'https://github.com/me/*'],
  ['^https://github.com/me/.*@refs/tags/.*$', 'https://github.com/me/*@refs/tags/*'],
  ['^me@example\\.com$', 'me@example.com'],
  ['.*', '*'],
  ['^$', ''],
])('regexpAsGlob(%j) is %j', (expression, glob) => {
  expect(regexpAsGlob(expression)).toBe(glob)
})

test.each([
  ['an end that is left open', '^https://github.com/me/'],
  ['an end that only looks like one', '^https://github.com/me/\\$'],
  ['an escaped dot before a star', 'a\\.*'],
  ['an alternative', '^(a|b)$'],
  ['a class', '^[a-z]$'],
  ['a quantifier', '^ab+$'],
  ['at least one', '^a/.+$'],
  ['an option', '^ab?$'],
  ['a number', '^a{2}$'],
  ['a class by its letter', '^\\d$'],
  ['a star itself', '^a\\*$'],
  ['a second anchor', '^^a$'],
  ['nothing', ''],
])('regexpAsGlob() gives nothing for %s', (_, expression) => {
  expect(regexpAsGlob(expression)).toBeUndefined()
})

test('what a glob matches, the expression that it was made of matches too', () => {
  const part = fc.constantFrom('a', 'b/', '\\.', '.*', '.', '-', '\\/', '+', '(', '$', '^', '\\')
  const text = fc
    .array(fc.constantFrom('a', 'b/', '.', '-', 'x'), { maxLength: 6 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), text, (parts, candidate) => {
      const expression = `^${parts.join('')}$`
      const glob = regexpAsGlob(expression)
      fc.pre(glob !== undefined && globMatches(glob ?? '', candidate))
      expect(new RegExp(expression).test(candidate)).toBe(true)
    }),
  )
})

function globMatches(glob: string, text: string): boolean {
  const escaped = glob.split('*').map((part) => part.replaceAll(/[.\\+()$^/-]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[^]*')}$`).test(text)
}
