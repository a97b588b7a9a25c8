import type { Reference } from '../../oci/index.ts'
import { asciiLowerCase } from './ascii-lower-case.ts'
import type { TrustRule } from './trust-rules.ts'

/**
 * Whose attestations GitHub is asked for about an image: `OWNER` or `OWNER/NAME`; nobody's where it is not asked. It is for images of
 * ghcr.io, unless their rule knows keys alone, which sign nothing that is kept there; and where the rule says so. Those of the rule's
 * signers, else those of the owner that an image of ghcr.io has in its name.
 *
 * @param rule undefined where none is for the image
 */
export function githubOwners(rule: TrustRule | undefined, reference: Reference): readonly string[] {
  const isThere = asciiLowerCase(reference.domain) === 'ghcr.io'
  const signed = rule?.kind === 'signed' ? rule : undefined
  if (rule?.kind === 'unsigned' || signed?.search === 'registry') return []
  const signers = signed?.signers.of ?? []
  const areKeys = signers.length > 0 && signers.every(({ policy }) => policy.kind === 'key')
  if (signed?.search === undefined && (!isThere || areKeys)) return []
  const named = signers.flatMap(({ github }) => {
    if (github === undefined) return []
    return github.repository === undefined ? [github.owner] : [`${github.owner}/${github.repository}`]
  })
  const [owner = ''] = reference.path.split('/')
  if (named.length > 0) return [...new Set(named)]
  return isThere ? [owner] : []
}
