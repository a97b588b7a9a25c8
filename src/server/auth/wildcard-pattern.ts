/** What a wildcard stands for: any text, or any text without a slash. Both may be empty. */
export type Wildcard = 'any-text' | 'no-slash'

/** One step of a pattern: a text as it stands, or a wildcard. */
export type PatternStep = { readonly text: string } | Wildcard

/**
 * Makes the question whether a whole text is what a pattern means. Case matters. Takes time in proportion to the text
 * times the pattern, whatever they are, where a regular expression of several wildcards may take forever.
 */
export function compilePattern(steps: readonly PatternStep[]): (text: string) => boolean {
  const [first] = steps
  const prefix = typeof first === 'object' ? first.text : ''
  const rest = typeof first === 'object' ? steps.slice(1) : steps
  if (rest.length === 0) return (text) => text === prefix
  if (rest.length === 1 && rest[0] === 'any-text') return (text) => text.startsWith(prefix)

  const units = rest.flatMap(unitsOf)
  return (text) => text.startsWith(prefix) && matchesFrom(units, text, prefix.length)
}

/** A UTF-16 unit that must stand there, or a wildcard. */
type Unit = number | Wildcard

function unitsOf(step: PatternStep): Unit[] {
  return typeof step === 'object' ? step.text.split('').map((unit) => unit.charCodeAt(0)) : [step]
}

/** Keeps, for each length of the pattern's beginning, whether it means what was read of the text so far. */
function matchesFrom(units: readonly Unit[], text: string, start: number): boolean {
  let meant = afterEmptyWildcards([true], units)
  for (let place = start; place < text.length; place += 1) {
    const read = text.charCodeAt(place)
    const next = [false]
    units.forEach((unit, index) => {
      next[index + 1] =
        typeof unit === 'number'
          ? unit === read && meant[index] === true
          : mayHold(unit, read) && meant[index + 1] === true
    })
    meant = afterEmptyWildcards(next, units)
  }
  return meant[units.length] === true
}

function afterEmptyWildcards(meant: boolean[], units: readonly Unit[]): boolean[] {
  units.forEach((unit, index) => {
    if (typeof unit !== 'number' && meant[index] === true) meant[index + 1] = true
  })
  return meant
}

const slash = 47

function mayHold(wildcard: Wildcard, unit: number): boolean {
  return wildcard === 'any-text' || unit !== slash
}
