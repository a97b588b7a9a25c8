import { Readable } from 'node:stream'
import type { OperationOptions } from '../content/index.ts'
import type { Digest } from '../oci/index.ts'
import { NotVerifiedError } from './errors.ts'
import type { Evidence, EvidenceContent } from './evidence/evidence.ts'
import { asRecord } from './evidence/read-json.ts'
import type { ClaimFailure } from './policy/claim-failure.ts'
import { checkSimpleSigning } from './policy/simple-signing.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import type { Artifact, SignerPolicy, Verified } from './types.ts'
import { verifyBundle } from './verify/verify-bundle.ts'

/** Evidence that was verified. Who signed was held against a policy; what is stated was not looked at. */
export interface ProvedEvidence {
  readonly evidence: Evidence
  /** The manifest that it is about. */
  readonly subject: Digest
  readonly verified: Verified
}

/** Evidence that does not do, and the first check that it failed. */
export interface RejectedEvidence {
  readonly evidence: Evidence
  readonly failure: ClaimFailure
}

/** Options of {@link proveEvidence}. */
export interface ProveEvidenceOptions extends OperationOptions {
  /** The manifests that are asked about: a signature of Ed25519 over one needs its bytes. */
  readonly manifests?: ReadonlyMap<Digest, Uint8Array> | undefined
}

/**
 * Verifies one piece of evidence against the manifests that it may be about, the first that fits. There is neither network nor clock in it.
 *
 * @throws {UsageError} for a policy that cannot be meant, as an unreadable key.
 */
export async function proveEvidence(
  evidence: Evidence,
  policy: SignerPolicy,
  trust: TrustMaterial,
  options: ProveEvidenceOptions,
): Promise<ProvedEvidence | RejectedEvidence> {
  const { content, subjects } = evidence
  if (content.kind === 'unreadable')
    return { evidence, failure: { check: 'unreadable', message: content.reason } }
  let failure: ClaimFailure = { check: 'artifact', message: 'it is about nothing that was asked for' }
  for (const subject of subjects) {
    const proved = await proveFor(content, subject, policy, trust, options)
    if ('verified' in proved) return { evidence, subject, verified: proved.verified }
    failure = proved.failure
    if (!dependsOnSubject.has(failure.check)) break
  }
  return { evidence, failure }
}

/** What may be otherwise for another manifest. */
const dependsOnSubject: ReadonlySet<ClaimFailure['check']> = new Set(['artifact', 'message-digest'])

type ReadableContent = Exclude<EvidenceContent, { readonly kind: 'unreadable' }>

async function proveFor(
  content: ReadableContent,
  subject: Digest,
  policy: SignerPolicy,
  trust: TrustMaterial,
  options: ProveEvidenceOptions,
): Promise<{ readonly verified: Verified } | { readonly failure: ClaimFailure }> {
  try {
    const artifact = artifactOf(content, subject, options)
    const envelope = content.kind === 'bundle' ? content.envelope : undefined
    const verified = await verifyBundle(content.bundle, artifact, policy, trust, { ...options, envelope })
    const failure = checkSubject(content, subject)
    return failure === undefined ? { verified } : { failure }
  } catch (error) {
    if (error instanceof NotVerifiedError) return { failure: error.failure }
    throw error
  }
}

/** What a bundle has to be about: the image, or the payload that names it. */
function artifactOf(
  content: ReadableContent,
  subject: Digest,
  { manifests }: ProveEvidenceOptions,
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
