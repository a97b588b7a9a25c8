import { expect, it } from 'vitest'
import { boundedRules } from './bounded-rules.ts'

it.each([
  [
    'rules as people write them stay',
    'dist/\n**/build/*.o\n!keep/**/*.yaml\n',
    'dist/\n**/build/*.o\n!keep/**/*.yaml\n',
  ],
  ['a rule of many wildcards leaves nothing out', `a\n${'*a'.repeat(12)}\nb`, 'a\nb'],
  ['one that takes something back takes back more', '!x*a*b*c*d*e', '!x*a*b*c**'],
  ['wildcards side by side count once', '********.yaml', '********.yaml'],
])('%s', (_, rules, bounded) => {
  expect(boundedRules(rules)).toBe(bounded)
})
