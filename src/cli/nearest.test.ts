import { describe, expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const verbs = ['copy', 'cat', 'tags', 'tag', 'resolve', 'ratelimit']

describe('nearest()', () => {
  test.each([
    ['cpoy', 'copy'],
    ['reslove', 'resolve'],
    ['tgas', 'tags'],
    ['ratelimits', 'ratelimit'],
  ])('takes %j for %j', (typed, meant) => {
    expect(nearest(typed, verbs)).toBe(meant)
  })

  test.each(['frobnicate', 'xyz', ''])('guesses nothing for %j', (typed) => {
    expect(nearest(typed, verbs)).toBeUndefined()
  })
})
