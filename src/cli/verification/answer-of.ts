import { formatPlatform } from '../../oci/index.ts'
import type {
  Evidence,
  EvidenceVerdict,
  ImageVerdict,
  ProvedEvidence,
  RejectedEvidence,
} from '../../signing/index.ts'
import type { SignedManifest } from './signed-manifests.ts'
import type { FoundAnswer, SatisfiedAnswer } from './satisfied-answer.ts'
import type { RejectedAnswer, VerificationAnswer } from './verification-answer.ts'
import { verifiedAnswer } from './verified-answer.ts'

/** What an answer says of the image itself. */
export type AnsweredImage = Pick<VerificationAnswer, 'image' | 'name' | 'digest' | 'mediaType'>

/** The verdict as it is printed. */
export function answerOf(
  image: AnsweredImage,
  manifests: readonly SignedManifest[],
  { satisfied, rejected }: EvidenceVerdict,
): VerificationAnswer {
  return {
    ...image,
    verified: satisfied !== undefined,
    satisfied: satisfied === undefined ? null : satisfiedAnswer(satisfied, manifests),
    rejected: rejected.map(rejectedAnswer),
  }
}

/**
 * What a project's rules say, as it is printed.
 *
 * @param file the rules' file, as it is shown
 */
export function policyAnswerOf(
  image: AnsweredImage,
  manifests: readonly SignedManifest[],
  verdict: ImageVerdict,
  file: string,
): VerificationAnswer {
  const { decision } = verdict
  const fulfilled = ('fulfilled' in verdict ? verdict.fulfilled : []).map(({ asked, proved }) => ({
    asked,
    satisfied: satisfiedAnswer(proved, manifests),
  }))
  return {
    ...image,
    verified: decision === 'verified',
    satisfied: decision === 'verified' ? (fulfilled[0]?.satisfied ?? null) : null,
    rejected: ('rejected' in verdict ? verdict.rejected : []).map(rejectedAnswer),
    policy: {
      file,
      rule: 'matched' in verdict ? verdict.matched.pattern.text : null,
      decision,
      fulfilled,
      missing: 'missing' in verdict ? verdict.missing : [],
    },
  }
}

function satisfiedAnswer(
  { evidence, subject, verified }: ProvedEvidence,
  manifests: readonly SignedManifest[],
): SatisfiedAnswer {
  const signed = manifests.find(({ digest }) => digest === subject)
  return {
    found: foundAnswer(evidence),
    signed: {
      digest: subject,
      what: signed?.what ?? 'manifest',
      platform: signed?.platform === undefined ? null : formatPlatform(signed.platform),
    },
    ...verifiedAnswer(verified),
  }
}

function rejectedAnswer({ evidence, failure }: RejectedEvidence): RejectedAnswer {
  return { found: foundAnswer(evidence), check: failure.check, reason: failure.message }
}

function foundAnswer({ place }: Evidence): FoundAnswer {
  switch (place.kind) {
    case 'referrer':
      return { at: 'referrer', detail: place.digest }
    case 'tag':
      return { at: 'tag', detail: `${place.tag} ${place.layer}` }
    case 'github':
      return { at: 'github', detail: `${place.owner} #${place.number}` }
    case 'file':
      return { at: 'file', detail: `${place.path}:${place.line}` }
    default:
      return place satisfies never
  }
}
