import { formatPlatform } from '../../oci/index.ts'
import type { Evidence, EvidenceVerdict, ProvedEvidence, RejectedEvidence } from '../../signing/index.ts'
import type { SignedManifest } from './signed-manifests.ts'
import type {
  FoundAnswer,
  RejectedAnswer,
  SatisfiedAnswer,
  VerificationAnswer,
} from './verification-answer.ts'
import { verifiedAnswer } from './verified-answer.ts'

/** The verdict as it is printed. */
export function answerOf(
  image: Pick<VerificationAnswer, 'image' | 'name' | 'digest' | 'mediaType'>,
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
