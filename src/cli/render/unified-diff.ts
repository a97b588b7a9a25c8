/** Unchanged lines around a change. */
const context = 3
/** How far the two sides are searched for where they agree again. */
const farthest = 200

/**
 * The difference of two texts as `git apply` and `patch` take it; empty where they are the same. It is right for any two texts, and
 * short for those that differ in few lines.
 */
export function unifiedDiff(file: string, before: string, after: string): readonly string[] {
  if (before === after) return []
  const lines = changedLines(linesOf(before), linesOf(after))
  return [`--- a/${file}`, `+++ b/${file}`, ...hunksOf(lines).flatMap(hunkLines)]
}

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
  /** Numbers of the line that comes next on both sides, from 1. */
  readonly old: number
  readonly new: number
}

/** Each with its end; the last of a text that does not end in a line's end has none. */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

function changedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lines: Line[] = []
  let old = 0
  let now = 0
  const take = (sign: Line['sign'], text: string | undefined): void => {
    lines.push({ sign, text: text ?? '', old: old + 1, new: now + 1 })
    if (sign !== '+') old += 1
    if (sign !== '-') now += 1
  }
  while (old < before.length || now < after.length) {
    if (old < before.length && before[old] === after[now]) {
      take(' ', before[old])
      continue
    }
    const [removed, added] = nextAgreement(before, after, old, now)
    for (let index = 0; index < removed; index += 1) take('-', before[old])
    for (let index = 0; index < added; index += 1) take('+', after[now])
  }
  return lines
}

/** How many lines of each side stand before the next that is on both. */
function nextAgreement(
  before: readonly string[],
  after: readonly string[],
  old: number,
  now: number,
): readonly [removed: number, added: number] {
  for (let distance = 1; distance <= farthest; distance += 1) {
    for (let removed = 0; removed <= distance; removed += 1) {
      const added = distance - removed
      const line = before[old + removed]
      if (line !== undefined && line === after[now + added]) return [removed, added]
    }
  }
  return [before.length - old, after.length - now]
}

function hunksOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const hunks: Line[][] = []
  let end = -1
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue
    const from = Math.max(index - context, 0)
    const last = hunks.at(-1)
    if (last === undefined || from > end) hunks.push(lines.slice(from, index + 1))
    else last.push(...lines.slice(end, index + 1))
    end = index + 1
    const following = lines.slice(index + 1, index + 1 + context).findIndex((line) => line.sign !== ' ')
    const rest = following < 0 ? lines.slice(index + 1, index + 1 + context) : []
    hunks.at(-1)?.push(...rest)
    end += rest.length
  }
  return hunks
}

function hunkLines(hunk: readonly Line[]): readonly string[] {
  const [first] = hunk
  const olds = hunk.filter(({ sign }) => sign !== '+').length
  const news = hunk.filter(({ sign }) => sign !== '-').length
  return [
    `@@ -${placeOf(first?.old ?? 1, olds)} +${placeOf(first?.new ?? 1, news)} @@`,
    ...hunk.flatMap(({ sign, text }) =>
      text.endsWith('\n')
        ? [`${sign}${text.slice(0, -1)}`]
        : [`${sign}${text}`, String.raw`\ No newline at end of file`],
    ),
  ]
}

/** Of no lines the one before them is named. */
function placeOf(number: number, length: number): string {
  return `${length === 0 ? number - 1 : number},${length}`
}
