import { expect, test } from 'vitest'
import { parseClaimPattern } from './claim-pattern.ts'

test.each([
  ['repo:org/app:ref:refs/heads/main', 'repo:org/app:ref:refs/heads/main', true],
  ['repo:org/*', 'repo:org/app:ref:refs/heads/main', true],
  ['repo:org/*', 'repo:organ/app', false],
  ['repo:org/*:ref:refs/heads/main', 'repo:org/app:ref:refs/heads/main', true],
  ['repo:org/*:ref:refs/heads/main', 'repo:org/app:ref:refs/heads/main2', false],
  ['*', '', true],
  ['', 'x', false],
  ['a.c', 'abc', false],
  ['system:serviceaccount:ci:*', 'system:serviceaccount:ci:builder', true],
  ['Org/*', 'org/app', false],
])('%j for %j: %s', (pattern, value, means) => {
  expect(parseClaimPattern(pattern)(value)).toBe(means)
})
