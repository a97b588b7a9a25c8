import { describe, expect, test } from 'vitest'
import { fieldLines } from './field-lines.ts'
import { createStyle } from './style.ts'

const style = createStyle(false)

describe('fieldLines()', () => {
  test('lines values up', () => {
    const fields = [
      { label: 'user', values: ['root'] },
      { label: 'nothing', values: [] },
      { label: 'entrypoint', values: ['["a"]'] },
      { label: 'env', values: ['A=1', 'B=2'] },
    ]
    expect(fieldLines(fields, { style })).toEqual([
      '  user        root',
      '  entrypoint  ["a"]',
      '  env         A=1',
      '              B=2',
    ])
  })

  test('wraps values under themselves on a terminal', () => {
    const fields = [{ label: 'text', values: ['one two three four five six seven eight'] }]
    expect(fieldLines(fields, { style, width: 36 })).toEqual([
      '  text  one two three four five six',
      '        seven eight',
    ])
    expect(fieldLines(fields, { style })).toHaveLength(1)
  })

  test('puts a value below a label that is too long', () => {
    const fields = [
      { label: 'x'.repeat(41), values: ['v'] },
      { label: 'b', values: ['w'] },
    ]
    expect(fieldLines(fields, { style, width: 80 })).toEqual([`  ${'x'.repeat(41)}`, '    v', '  b  w'])
  })

  test('breaks no word that fits below its label', () => {
    const word = 'w'.repeat(30)
    const fields = [
      { label: 'refers to', values: [word] },
      { label: 'size', values: ['1 B in 1 layer'] },
    ]
    expect(fieldLines(fields, { style, width: 38 })).toEqual([
      '  refers to',
      `    ${word}`,
      '  size       1 B in 1 layer',
    ])
  })

  test('shows no control characters', () => {
    const lines = fieldLines([{ label: 'a\u001b[2J', values: ['b\nc\u0007'] }], { style, width: 80 })
    expect(lines).toEqual(['  a\\x1b[2J  b\\x0ac\\x07'])
  })
})
