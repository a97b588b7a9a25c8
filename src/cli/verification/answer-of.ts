import { formatPlatform } from '../../oci/index.ts'
import type {
  CertificateClaims,
  Evidence,
  EvidenceVerdict,
  RejectedEvidence,
  SatisfyingEvidence,
  Signer,
} from '../../signing/index.ts'
import type { SignedManifest } from './signed-manifests.ts'
import type {
  FoundAnswer,
  RejectedAnswer,
  SatisfiedAnswer,
  SignerAnswer,
  SourceAnswer,
  VerificationAnswer,
} from './verification-answer.ts'

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
  { evidence, subject, verified }: SatisfyingEvidence,
  manifests: readonly SignedManifest[],
): SatisfiedAnswer {
  const { signer, statement, times, logEntries, trustRoot } = verified
  const signed = manifests.find(({ digest }) => digest === subject)
  return {
    found: foundAnswer(evidence),
    signed: {
      digest: subject,
      what: signed?.what ?? 'manifest',
      platform: signed?.platform === undefined ? null : formatPlatform(signed.platform),
    },
    signer: signerAnswer(signer),
    source: signer.kind === 'certificate' ? sourceAnswer(signer.claims) : null,
    predicateType: statement?.predicateType ?? null,
    times: times.map(({ at, by }) => ({ at: at.toISOString(), by })),
    logEntries: logEntries.map(({ log, index, kind }) => ({ log, index, kind })),
    trustRoot: trustRoot ?? null,
  }
}

function signerAnswer(signer: Signer): SignerAnswer {
  return signer.kind === 'key'
    ? { kind: 'key', digest: signer.keyDigest }
    : { kind: 'certificate', identity: signer.identity, issuer: signer.issuer }
}

function sourceAnswer(claims: CertificateClaims): SourceAnswer {
  return {
    repository: claims.sourceRepositoryUri ?? null,
    owner: claims.sourceRepositoryOwnerUri ?? null,
    ref: claims.sourceRepositoryRef ?? null,
    commit: claims.sourceRepositoryDigest ?? null,
    workflow: claims.buildSignerUri ?? null,
    trigger: claims.buildTrigger ?? null,
    run: claims.runInvocationUri ?? null,
    runner: claims.runnerEnvironment ?? null,
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
