import { notVerified } from '../errors.ts'
import { type Digest, parseDigest } from '../../oci/index.ts'
import type { Statement } from '../types.ts'
import type { ReadArtifact } from './read-artifact.ts'

/**
 * The artifact's digest by which a subject of the statement names it. A subject counts when it agrees in at least one
 * algorithm and differs in none.
 *
 * @throws {NotVerifiedError} of the check `artifact`: the statement is about something else.
 */
export function checkSubject({ subjects }: Statement, { digests, digest }: ReadArtifact): Digest {
  for (const { digest: named } of subjects) {
    const agreed: string[] = []
    let differs = false
    for (const [algorithm, bytes] of digests) {
      const hex = Object.hasOwn(named, algorithm) ? named[algorithm] : undefined
      if (hex === undefined) continue
      if (hex === bytes.toString('hex')) agreed.push(`${algorithm}:${hex}`)
      else differs = true
    }
    const [first] = agreed
    if (first !== undefined && !differs) return parseDigest(first)
  }
  throw notVerified('artifact', `the signed statement is about something else, and not about ${digest}`)
}
