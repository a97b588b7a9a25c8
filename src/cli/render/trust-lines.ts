import type { DescribedAuthority, DescribedLog } from '../../signing/index.ts'
import type { ShownTrust } from '../trust/shown-trust.ts'
import { fieldLines, type FieldLinesOptions } from './field-lines.ts'
import { safeText } from './safe-text.ts'

/** The lines of trust roots: each by its name, with whom it believes and for how long. */
export function trustLines(roots: readonly ShownTrust[], options: FieldLinesOptions): string[] {
  return roots.flatMap((root, index) => [
    ...(index === 0 ? [] : ['']),
    `${options.style.bold(safeText(root.name))}  ${originOf(root)}`,
    ...fieldLines(
      [
        { label: 'certificates', values: root.certificateAuthorities.map(authorityText) },
        { label: 'certificate logs', values: root.certificateLogs.map(logText) },
        { label: 'logs', values: root.logs.map(logText) },
        { label: 'times', values: root.timestampAuthorities.map(authorityText) },
      ],
      options,
    ),
  ])
}

function originOf({ origin, refreshed }: ShownTrust): string {
  if (origin === 'file') return 'from a file'
  return refreshed === null ? 'built in, never refreshed' : `refreshed ${refreshed.toISOString()}`
}

function authorityText(authority: DescribedAuthority): string {
  return `${authority.subject}, ${validityText(authority)}`
}

function logText(log: DescribedLog): string {
  return `${log.url}, id ${log.id.slice(0, 16)}, ${validityText(log)}`
}

function validityText({ from, to }: DescribedLog | DescribedAuthority): string {
  const start = `from ${from.toISOString().slice(0, 10)}`
  return to === undefined ? start : `${start} to ${to.toISOString().slice(0, 10)}`
}
