import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unifiedDiff } from './unified-diff.ts'

test('shows a changed line between its neighbours', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
  expect(unifiedDiff('Dockerfile', before, before.replace('e', 'E'))).toEqual([
    '--- a/Dockerfile',
    '+++ b/Dockerfile',
    '@@ -2,7 +2,7 @@',
    ' b',
    ' c',
    ' d',
    '-e',
    '+E',
    ' f',
    ' g',
    ' h',
  ])
})

test('is empty where nothing changed', () => {
  expect(unifiedDiff('x', 'a\n', 'a\n')).toEqual([])
})

test('says that a last line has no end', () => {
  expect(unifiedDiff('x', 'a', 'b')).toEqual([
    '--- a/x',
    '+++ b/x',
    '@@ -1,1 +1,1 @@',
    '-a',
    String.raw`\ No newline at end of file`,
    '+b',
    String.raw`\ No newline at end of file`,
  ])
})

test('makes of one text the other, whatever they are', () => {
  const text = fc
    .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd'), { maxLength: 30 })
    .map((all) => all.join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applied(before, unifiedDiff('x', before, after))).toBe(after)
    }),
    { numRuns: 1000 },
  )
})

/** What `patch` does, by line numbers alone. */
function applied(before: string, diff: readonly string[]): string {
  const lines = before === '' ? [] : before.split(/(?<=\n)/)
  const result: string[] = []
  let at = 0
  let last = ''
  for (const line of diff.slice(2)) {
    const start = /^@@ -(\d+),(\d+) /.exec(line)
    if (start !== null) {
      const from = Number(start[1]) - (start[2] === '0' ? 0 : 1)
      result.push(...lines.slice(at, from))
      at = from
    } else if (line.startsWith('\\')) {
      if (last !== '-') result.push((result.pop() ?? '').replace(/\n$/, ''))
    } else {
      if (line.startsWith('+')) result.push(`${line.slice(1)}\n`)
      else {
        if ((lines[at] ?? '').replace(/\n$/, '') !== line.slice(1)) throw new Error(`no such line: ${line}`)
        if (line.startsWith(' ')) result.push(lines[at] ?? '')
        at += 1
      }
      last = line.charAt(0)
    }
  }
  return [...result, ...lines.slice(at)].join('')
}
