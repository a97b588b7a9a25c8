import type { FlagDescription } from './verb-description.ts'

/** A flag's name as it is typed. */
export function flagName(property: string): string {
  return `--${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** How a flag is written with its value, as `--platform OS/ARCH`. */
export function flagUsage(property: string, flag: FlagDescription): string {
  if (flag.kind === 'boolean' || flag.kind === 'counter') return flagName(property)
  const value =
    flag.kind === 'enum' ? (flag.values ?? []).join('|') : (flag.placeholder ?? 'VALUE').toUpperCase()
  return `${flagName(property)} ${value}${flag.variadic === undefined || flag.variadic === false ? '' : ' …'}`
}
