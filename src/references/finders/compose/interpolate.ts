import type { EnvironmentEntry } from './environment-entry.ts'
import type { TemplatePart } from './parse-template.ts'

/** A text with its variables replaced. */
export interface Interpolated {
  readonly text: string
  /** Names without a value and without a default. */
  readonly missing: ReadonlySet<string>
  /** What was used, by name; undefined for those that have no value of their own. */
  readonly used: ReadonlyMap<string, EnvironmentEntry | undefined>
}

/** Characters that values may come to, as none of an image does: a few lines of a `.env` can double one another beyond all memory. */
const mostCharacters = 65_536

/** Puts in what the project's `.env` says. What the environment of whoever starts compose would say is not known. */
export function interpolate(
  parts: readonly TemplatePart[],
  environment: ReadonlyMap<string, EnvironmentEntry>,
): Interpolated {
  const missing = new Set<string>()
  const used = new Map<string, EnvironmentEntry | undefined>()
  let length = 0
  const expand = (list: readonly TemplatePart[]): string => list.map(expandPart).join('')
  const expandPart = (part: TemplatePart): string => {
    if (part.kind === 'text') return part.text
    const { name, operator, word } = part
    const entry = environment.get(name)
    used.set(name, entry)
    const isSet = entry !== undefined && !(operator.startsWith(':') && entry.value === '')
    if (operator.endsWith('+')) return isSet ? expand(word) : ''
    if (isSet) {
      length += entry.value.length
      if (length <= mostCharacters) return entry.value
      missing.add(name)
      return ''
    }
    if (operator.endsWith('-')) return expand(word)
    missing.add(name)
    return ''
  }
  return { text: expand(parts), missing, used }
}
