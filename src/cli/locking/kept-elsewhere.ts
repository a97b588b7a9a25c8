import type { Lock, MirroredImage } from '../../lock/index.ts'
import type { Digest } from '../../oci/index.ts'
import { type Evidence, EvidenceBudget, findRule, githubOwners } from '../../signing/index.ts'
import type { Project } from './open-project.ts'

/** Asks GitHub's attestation store. */
type AskGithub = (subject: Digest, owner: string, budget: EvidenceBudget) => Promise<readonly Evidence[]>

/**
 * The bundles of a locked image that its registry does not have, since it was verified by what GitHub keeps: the one that is kept with
 * the lock, else all that GitHub has. Nothing of them is verified.
 *
 * @throws where GitHub does not say what it has.
 */
export async function keptElsewhere(
  { from, key, root }: MirroredImage,
  {
    askGithub,
    lock,
    project,
  }: { readonly askGithub: AskGithub; readonly lock: Lock; readonly project: Project },
): Promise<readonly unknown[]> {
  const signatures = lock.images[key]?.signatures
  if (signatures?.status !== 'verified' || !signatures.searched.includes('github')) return []
  const kept = await project.proofs?.find(signatures.evidence.bundle, signatures.evidence.subject)
  if (kept !== undefined) return bundlesOf([kept])
  const owners = githubOwners(findRule(project.rules, from)?.rule, from)
  const budget = new EvidenceBudget()
  const found = await Promise.all(owners.map((owner) => askGithub(root.digest, owner, budget)))
  return bundlesOf(found.flat())
}

function bundlesOf(evidence: readonly Evidence[]): readonly unknown[] {
  return evidence.flatMap(({ content }) => (content.kind === 'bundle' ? [content.bundle] : []))
}
