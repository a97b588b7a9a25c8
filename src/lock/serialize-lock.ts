import type { Lock, LockedImage, LockedSignatures, RememberedSigner } from './lock.ts'
import { yamlScalar } from './yaml-scalar.ts'

/** The version of the format that is written, and the only one that is read. */
export const lockVersion = 1

const heading = [
  '# The images that this project stands on, by digest, and who published them.',
  '# Written by `lading lock`: to be reviewed and committed, not edited.',
]

/** The text of a lock file. The same facts give the same bytes: keys are sorted, lines end in LF, one fact stands on a line. */
export function serializeLock(lock: Lock): string {
  const lines = [
    ...heading,
    `version: ${lockVersion}`,
    ...mapping('images', lock.images, (image) => imageLines(image)),
    ...mapping('signers', lock.signers, (signers) => signerItems(signers)),
  ]
  return `${lines.join('\n')}\n`
}

function mapping<Value>(
  name: string,
  values: Readonly<Record<string, Value>>,
  linesOf: (value: Value) => readonly string[],
): readonly string[] {
  const entries = Object.entries(values).toSorted(byKey)
  if (entries.length === 0) return [`${name}: {}`]
  return [
    `${name}:`,
    ...entries.flatMap(([key, value]) => [
      `  ${yamlScalar(key)}:`,
      ...linesOf(value).map((line) => `    ${line}`),
    ]),
  ]
}

function imageLines(image: LockedImage): readonly string[] {
  const { digest, mediaType, size, resolvedAt, platforms, usedBy, signatures } = image
  return [
    ...fields({ digest, mediaType }),
    `size: ${size}`,
    ...fields({ resolvedAt }),
    ...block('platforms', Object.entries(platforms).toSorted(byKey).flatMap(field), '{}'),
    ...block(
      'usedBy',
      [...new Set(usedBy)].toSorted(byText).map((place) => `- ${yamlScalar(place)}`),
      '[]',
    ),
    ...block('signatures', signatureLines(signatures), '{}'),
  ]
}

function signatureLines(signatures: LockedSignatures): readonly string[] {
  const { acceptedBy, status } = signatures
  const searched = status === 'not-asked' ? [] : [...new Set(signatures.searched)].toSorted(byText)
  return [
    ...fields({ status }),
    ...(status === 'not-asked' ? [] : [`searched: [${searched.join(', ')}]`]),
    ...(typeof acceptedBy === 'string'
      ? fields({ acceptedBy })
      : block('acceptedBy', fields({ rule: acceptedBy.rule }), '{}')),
    ...(status === 'verified' ? block('evidence', evidenceLines(signatures.evidence), '{}') : []),
  ]
}

function evidenceLines(
  evidence: Extract<LockedSignatures, { readonly status: 'verified' }>['evidence'],
): readonly string[] {
  const { subject, predicateType, sourceRef, sourceCommit, logEntry, bundle } = evidence
  return fields({ subject, predicateType, sourceRef, sourceCommit, logEntry, bundle })
}

function signerItems(signers: readonly RememberedSigner[]): readonly string[] {
  const items = new Map(signers.map((signer) => [signerLines(signer).join('\n'), signerLines(signer)]))
  return [...items].toSorted(byKey).flatMap(([, lines]) => lines)
}

function signerLines(signer: RememberedSigner): string[] {
  const lines = 'key' in signer ? fields({ key: signer.key }) : fields(certificateFields(signer))
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
}

function certificateFields(
  signer: Exclude<RememberedSigner, { readonly key: unknown }>,
): Readonly<Record<string, string | undefined>> {
  const { issuer, identity, sourceRepositoryOwner, sourceRepository, sourceRepositoryId, workflow } = signer
  return { issuer, identity, sourceRepositoryOwner, sourceRepository, sourceRepositoryId, workflow }
}

function fields(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(values).flatMap(field)
}

function field([name, value]: readonly [string, string | undefined]): readonly string[] {
  return value === undefined ? [] : [`${yamlScalar(name)}: ${yamlScalar(value)}`]
}

function block(name: string, lines: readonly string[], empty: string): readonly string[] {
  return lines.length === 0 ? [`${name}: ${empty}`] : [`${name}:`, ...lines.map((line) => `  ${line}`)]
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return byText(one, other)
}

/** By UTF-16 units, which no locale changes. */
function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
