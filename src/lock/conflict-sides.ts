/**
 * The two texts of a file that a merge left with conflict markers, ours first; undefined where there are none. Lines of the other side,
 * of the common ancestor (`|||||||`) and of the markers are empty in them, so that every line keeps its number.
 *
 * @throws {UnevenConflictError} where markers are not in their order.
 */
export function conflictSides(text: string): readonly [ours: string, theirs: string] | undefined {
  if (!/^<{7}(?: |\r?$)/m.test(text)) return undefined
  const ours: string[] = []
  const theirs: string[] = []
  let part: 'both' | 'ours' | 'ancestor' | 'theirs' = 'both'
  let opened = 0
  for (const [index, line] of text.split('\n').entries()) {
    const next = partAfter(part, line, index + 1)
    if (next === 'ours' && part === 'both') opened = index + 1
    const isMarker = next !== part
    part = next
    ours.push(!isMarker && (part === 'both' || part === 'ours') ? line : '')
    theirs.push(!isMarker && (part === 'both' || part === 'theirs') ? line : '')
  }
  if (part !== 'both') throw new UnevenConflictError(opened)
  return [ours.join('\n'), theirs.join('\n')]
}

/** Conflict markers that were edited: what is on which side cannot be told. */
export class UnevenConflictError extends Error {
  readonly line: number

  constructor(line: number) {
    super('conflict markers without their counterparts')
    this.line = line
  }
}

type Part = 'both' | 'ours' | 'ancestor' | 'theirs'

/** The part behind a line; the part before it where the line is no marker. */
function partAfter(part: Part, text: string, line: number): Part {
  const marker = /^(<{7}|\|{7}|={7}|>{7})(?: |\r?$)/.exec(text)?.[1]?.charAt(0)
  if (marker === undefined) return part
  if (marker === '<' && part === 'both') return 'ours'
  if (marker === '|' && part === 'ours') return 'ancestor'
  if (marker === '=' && (part === 'ours' || part === 'ancestor')) return 'theirs'
  if (marker === '>' && part === 'theirs') return 'both'
  throw new UnevenConflictError(line)
}
