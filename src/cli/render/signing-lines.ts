import type { SigningAnswer, StoredAnswer } from '../signing/signing-answer.ts'
import { type Field, fieldLines } from './field-lines.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** The answer of `lading sign` and `lading attest` for people. */
export function signingLines(
  { name, predicateType, signer, signatures }: SigningAnswer,
  options: { readonly style: Style; readonly width: number | undefined },
): string[] {
  const who =
    signer.kind === 'key' ? `the key ${signer.key}` : `${signer.identity}, vouched for by ${signer.issuer}`
  const head: readonly Field[] = [
    { label: 'by', values: [who] },
    { label: 'states', values: predicateType === null ? [] : [predicateType] },
  ]
  return [
    `${options.style.green('signed')}  ${options.style.bold(safeText(name))}`,
    ...fieldLines(
      [
        ...head,
        ...signatures.flatMap(({ digest, log, platform, stored }): Field[] => [
          ...(signatures.length === 1 ? [] : [{ label: platform ?? 'index', values: [digest] }]),
          { label: 'stored', values: [storedText(stored)] },
          { label: 'log', values: log.map(({ index, url }) => `${new URL(url).host} #${index}`) },
        ]),
      ],
      options,
    ),
  ]
}

function storedText(stored: StoredAnswer): string {
  switch (stored.kind) {
    case 'referrer':
      return stored.name
    case 'tag':
      return `${stored.name} (${stored.digest})`
    case 'github':
      return stored.url
    case 'file':
      return stored.path === '-' ? 'nowhere' : `nowhere but in ${stored.path}`
    default:
      return stored satisfies never
  }
}
