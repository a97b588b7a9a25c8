import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newerTag, parseTagFilter } from './index.ts'

const tags = [
  '3',
  '3.9',
  '3.12',
  '3.12-slim',
  '3.13',
  '3.13-slim',
  '3.13-alpine',
  '3.13.1-slim',
  '3.14-rc-slim',
  '3.14rc1',
  '4.0-slim',
  'v3.20',
  'latest',
  'slim',
  '03.15-slim',
]

test.each([
  ['3.12', '3.13'],
  ['3.9', '3.13'],
  ['3.12-slim', '03.15-slim'],
  ['3.13-alpine', undefined],
  ['3', undefined],
  ['latest', undefined],
  ['v3.1', 'v3.20'],
  ['4.0-slim', undefined],
  ['', undefined],
])('the newer tag of %j is %j', (current, newer) => {
  expect(newerTag(current, tags)).toBe(newer)
})

test.each([
  ['3.12-slim', '>=4', '4.0-slim'],
  ['3.12-slim', '<3.14', '3.13-slim'],
  ['3.12', '^3.12', '3.13'],
  ['3.12', '>=4', undefined],
])('the newer tag of %j in %j is %j', async (current, range, newer) => {
  expect(newerTag(current, tags, { range: await parseTagFilter(range) })).toBe(newer)
})

test('there is nothing newer than the newest, whatever the order', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(tags), fc.constantFrom(...tags), (some, current) => {
      const newest = newerTag(current, some)
      expect(newest === undefined ? undefined : newerTag(newest, some)).toBeUndefined()
    }),
  )
})
