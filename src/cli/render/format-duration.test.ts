import { expect, test } from 'vitest'
import { formatDuration } from './format-duration.ts'

test.each([
  [-1, '0 s'],
  [0.4, '0 s'],
  [59.4, '59 s'],
  [59.5, '1 m'],
  [125, '2 m 05 s'],
  [3599, '59 m 59 s'],
  [3600, '1 h'],
  [3780, '1 h 03 m'],
  [21_600, '6 h'],
])('formatDuration(%d) is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})
