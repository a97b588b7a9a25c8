import { expect, test } from 'vitest'
import { treeLines } from './tree-lines.ts'

const leaf = (...lines: string[]) => ({ lines, children: [] })

test('treeLines() draws what hangs on what', () => {
  const tree = {
    lines: ['root', 'more'],
    children: [{ lines: ['a', 'of a'], children: [leaf('a1', 'of a1'), leaf('a2')] }, leaf('b', 'of b')],
  }
  expect(treeLines(tree)).toEqual([
    'root',
    '│ more',
    '├─ a',
    '│  │ of a',
    '│  ├─ a1',
    '│  │  of a1',
    '│  └─ a2',
    '└─ b',
    '   of b',
  ])
})
