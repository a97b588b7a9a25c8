import { describe, expect, test } from 'vitest'
import { createStyle } from './style.ts'
import { renderTable } from './table.ts'
import { textWidth } from './text-width.ts'

const plain = createStyle(false)
const columns = [
  { title: 'NAME' },
  { title: 'SIZE', align: 'right' as const },
  { title: 'MADE BY', shrinks: true },
]

describe('renderTable()', () => {
  test('aligns columns, numbers to the right, and leaves no blanks at the ends', () => {
    const lines = renderTable(
      columns,
      [
        ['a', '9 B', 'x'],
        ['longer', '12.5 MB', ''],
      ],
      { style: plain },
    )
    expect(lines).toEqual(['NAME       SIZE  MADE BY', 'a           9 B  x', 'longer  12.5 MB'])
  })

  test('counts columns of a terminal, not code units, and not escapes', () => {
    const style = createStyle(true)
    const lines = renderTable(
      columns,
      [
        [style.green('日本'), '1 B', 'a'],
        ['abcd', '1 B', 'b'],
      ],
      { style: plain },
    )
    expect(lines.slice(1).map((line) => textWidth(line.slice(0, line.indexOf('1 B'))))).toEqual(
      [6, 6].map(() => textWidth('NAME   ')),
    )
  })

  test('cuts the one column that gives way to fit the terminal', () => {
    const lines = renderTable(columns, [['a', '1 B', 'x'.repeat(100)]], { style: plain, width: 40 })
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(40)
    expect(lines[1]).toMatch(/x…$/)
  })
})
