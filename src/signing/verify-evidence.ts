import { Readable } from 'node:stream'
import type { OperationOptions } from '../content/index.ts'
import type { Digest } from '../oci/index.ts'
import { NotVerifiedError } from './errors.ts'
import type { Evidence, EvidenceContent } from './evidence/evidence.ts'
import { asRecord } from './evidence/read-json.ts'
import type { ClaimFailure } from './policy/claim-failure.ts'
import { checkGithub, type GithubCriteria } from './policy/github-criteria.ts'
import { authorshipPredicates } from './policy/predicate-types.ts'
import { checkSimpleSigning } from './policy/simple-signing.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import type { Artifact, SignerPolicy, Verified } from './types.ts'
import { verifyBundle } from './verify/verify-bundle.ts'

/** What is asked of an image's signatures; one that fulfils all of it is enough. */
export interface ImageCriteria {
  readonly signer: SignerPolicy
  /** What the signer's workflow has to be besides; default: nothing. */
  readonly github?: GithubCriteria | undefined
  /** The predicate type; default: any that says "I made this", and signatures that have none. */
  readonly predicateType?: string | undefined
}

/** Evidence that fulfils the criteria. */
export interface SatisfyingEvidence {
  readonly evidence: Evidence
  /** The manifest that it is about. */
  readonly subject: Digest
  readonly verified: Verified
}

/** Evidence that does not, and the first check that it failed. */
export interface RejectedEvidence {
  readonly evidence: Evidence
  readonly failure: ClaimFailure
}

/** Options of {@link verifyEvidence}. */
export interface VerifyEvidenceOptions extends OperationOptions {
  /** The manifests that are asked about: a signature of Ed25519 over one needs its bytes. */
  readonly manifests?: ReadonlyMap<Digest, Uint8Array> | undefined
}

/** The answer: yes where `satisfied` is set. Nothing to look at is a no. */
export interface EvidenceVerdict {
  readonly satisfied: SatisfyingEvidence | undefined
  /** What was looked at before, or in a no all of it, in the order that it was given. */
  readonly rejected: readonly RejectedEvidence[]
}

/**
 * Looks for evidence that fulfils the criteria, one after the other, and stops at the first. There is neither network nor clock in it.
 *
 * @throws {UsageError} for criteria that cannot be meant, as an unreadable key.
 */
export async function verifyEvidence(
  all: readonly Evidence[],
  criteria: ImageCriteria,
  trust: TrustMaterial,
  options: VerifyEvidenceOptions = {},
): Promise<EvidenceVerdict> {
  const rejected: RejectedEvidence[] = []
  for (const evidence of all) {
    options.signal?.throwIfAborted()
    const answer = await verifyOne(evidence, criteria, trust, options)
    if ('verified' in answer) return { satisfied: answer, rejected }
    rejected.push(answer)
  }
  return { satisfied: undefined, rejected }
}

async function verifyOne(
  evidence: Evidence,
  criteria: ImageCriteria,
  trust: TrustMaterial,
  options: VerifyEvidenceOptions,
): Promise<SatisfyingEvidence | RejectedEvidence> {
  let failure: ClaimFailure = { check: 'artifact', message: 'it is about nothing that was asked for' }
  for (const subject of evidence.subjects) {
    const answer = await verifyFor(evidence, subject, criteria, trust, options)
    if ('verified' in answer) return answer
    failure = answer.failure
    // Only what it is about can differ from one subject to the other.
    if (failure.check !== 'artifact') break
  }
  return { evidence, failure }
}

async function verifyFor(
  evidence: Evidence,
  subject: Digest,
  criteria: ImageCriteria,
  trust: TrustMaterial,
  options: VerifyEvidenceOptions,
): Promise<SatisfyingEvidence | RejectedEvidence> {
  const { content } = evidence
  if (content.kind === 'unreadable')
    return { evidence, failure: { check: 'unreadable', message: content.reason } }
  try {
    const artifact = artifactOf(content, subject, options)
    const verified = await verifyBundle(content.bundle, artifact, criteria.signer, trust, options)
    const failure = checkSubject(content, subject) ?? checkClaims(verified, criteria)
    return failure === undefined ? { evidence, subject, verified } : { evidence, failure }
  } catch (error) {
    if (error instanceof NotVerifiedError) return { evidence, failure: error.failure }
    throw error
  }
}

type ReadableContent = Exclude<EvidenceContent, { readonly kind: 'unreadable' }>

/** What a bundle has to be about: the image, or the payload that names it. */
function artifactOf(
  content: ReadableContent,
  subject: Digest,
  { manifests }: VerifyEvidenceOptions,
): Artifact {
  if (content.kind === 'simple-signing')
    return { open: () => Readable.from([content.payload]), name: 'the payload' }
  const bytes = manifests?.get(subject)
  const isOverBytes = asRecord(content.bundle)?.['messageSignature'] !== undefined
  return bytes === undefined || !isOverBytes
    ? { digests: [subject] }
    : { open: () => Readable.from([bytes]), name: subject }
}

/** A bundle was verified against the image; a payload has to name it. */
function checkSubject(content: ReadableContent, subject: Digest): ClaimFailure | undefined {
  return content.kind === 'simple-signing' ? checkSimpleSigning(content.payload, subject) : undefined
}

function checkClaims(verified: Verified, criteria: ImageCriteria): ClaimFailure | undefined {
  return (
    checkPredicateType(verified, criteria) ??
    (criteria.github === undefined ? undefined : checkGithub(verified.signer, criteria.github))
  )
}

function checkPredicateType(
  { statement }: Verified,
  { predicateType }: ImageCriteria,
): ClaimFailure | undefined {
  const actual = statement?.predicateType
  const isEnough =
    predicateType === undefined
      ? actual === undefined || authorshipPredicates.includes(actual)
      : actual === predicateType
  if (isEnough) return undefined
  const wanted = predicateType ?? 'a signature or provenance'
  return {
    check: 'predicate-type',
    message: `its predicate type is ${actual ?? 'none'}, asked for is ${wanted}`,
  }
}
