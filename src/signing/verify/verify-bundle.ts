import type { KeyObject } from 'node:crypto'
import { type ReadBundle, readBundle } from '../bundle/read-bundle.ts'
import { readStatement } from '../bundle/read-statement.ts'
import { notVerified } from '../errors.ts'
import type { TrustMaterial } from '../trust/trust-material.ts'
import type { Artifact, SignerPolicy, Verified } from '../types.ts'
import { checkSigner } from './check-signer.ts'
import { checkSubject } from './check-subject.ts'
import { engineEntity } from './engine-entity.ts'
import { checkCondition } from './matches-text.ts'
import { proveSignature, proveUnlogged } from './prove-signature.ts'
import { policyKey } from './public-key.ts'
import { type ReadArtifact, readArtifact } from './read-artifact.ts'
import { signedBy } from './signed-by.ts'

/** How {@link verifyBundle} works. */
export interface VerifyBundleOptions {
  /**
   * The bytes of the bundle's envelope as they were found, where they were: an entry `intoto` 0.0.1 is about them, and
   * is not verified without.
   */
  readonly envelope?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Verifies one Sigstore bundle (v0.1 to v0.3) with nothing but what is handed in: no network, no clock, no cache. The
 * checks are made in the order of `verificationChecks`; docs/trust-model.md says what each looks at.
 *
 * @param bundleJson what JSON.parse gave for the bundle
 * @throws {NotVerifiedError} naming the first check that failed: the answer is no.
 * @throws {UsageError} for a policy that cannot be meant: an unreadable key, an empty text, a pattern of everybody.
 * @throws {ArtifactBytesNeededError} when Ed25519 signed bytes of which only a digest is known.
 * @throws whatever reading the artifact's bytes throws: it could not be told.
 * @example
 * const { signer } = await verifyBundle(json, { digests: [digest] }, policy, await builtInTrust())
 */
export async function verifyBundle(
  bundleJson: unknown,
  artifact: Artifact,
  policy: SignerPolicy,
  trust: TrustMaterial,
  { envelope, signal }: VerifyBundleOptions = {},
): Promise<Verified> {
  signal?.throwIfAborted()
  const policyPublicKey = checkPolicy(policy)
  const bundle = readBundle(bundleJson)
  const signer = signedBy(bundle, policyPublicKey)
  const found = await readArtifact(artifact, {
    keepBytes: bundle.content.kind === 'message' && signer.key.asymmetricKeyType === 'ed25519',
    ...(bundle.content.kind === 'message' ? { hash: bundle.content.hash } : {}),
    signal,
  })
  checkMessageDigest(bundle, found)
  const entity = engineEntity(bundle, found)
  const unlogged = policy.kind === 'key' && policy.unlogged === true && bundle.logEntries.length === 0
  const logged =
    envelope !== undefined && bundle.content.kind === 'envelope'
      ? { bytes: envelope, payload: bundle.content.payload }
      : undefined
  const proved = unlogged
    ? proveUnlogged(entity, signer)
    : proveSignature(entity, bundle, signer, trust, logged)

  const statement = bundle.content.kind === 'envelope' ? readStatement(bundle.content.payload) : undefined
  const digest = statement === undefined ? found.digest : checkSubject(statement, found)
  checkSigner(signer.signer, policy)
  return { signer: signer.signer, digest, ...(statement === undefined ? {} : { statement }), ...proved }
}

function checkPolicy(policy: SignerPolicy): KeyObject | undefined {
  switch (policy.kind) {
    case 'identity':
      checkCondition(policy.identity, 'identity')
      checkCondition(policy.issuer, 'issuer')
      return undefined
    case 'key':
      return policyKey(policy.publicKeyPem)
    case 'unsafeAnyIdentity':
      return undefined
    default:
      policy satisfies never
      throw new TypeError('A policy of who must have signed is required')
  }
}

/** Said first, since it is what a wrong file looks like; what counts is the digest that the signature is over. */
function checkMessageDigest({ content }: ReadBundle, { digests, digest }: ReadArtifact): void {
  if (content.kind !== 'message') return
  const own = digests.get(content.hash)
  if (own === undefined)
    throw notVerified(
      'message-digest',
      `the bundle is about a ${content.hash} digest, and only ${digest} is known`,
    )
  if (!own.equals(content.claimedDigest))
    throw notVerified(
      'message-digest',
      `the bundle is about ${content.hash}:${content.claimedDigest.toString('hex')}, and not about ${content.hash}:${own.toString('hex')}`,
    )
}
