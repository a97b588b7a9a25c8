import { describe, expect, it } from 'vitest'
import { matchesEntityTag } from './entity-tag.ts'

describe('matchesEntityTag()', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    ['"a', false],
    ['', false],
  ])('If-None-Match: %s against "a" is %s', (header, matches) => {
    expect(matchesEntityTag(header, '"a"')).toBe(matches)
  })
})
