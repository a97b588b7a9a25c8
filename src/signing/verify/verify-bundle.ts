import { createHash, type KeyObject } from 'node:crypto'
import { type SignedEntity, toSignedEntity } from '@sigstore/verify'
import { parseDigest } from '../../oci/index.ts'
import { certificateSigner } from '../bundle/certificate-signer.ts'
import { type ReadBundle, readBundle } from '../bundle/read-bundle.ts'
import { type ReadCertificate, readCertificate } from '../bundle/read-certificate.ts'
import { readStatement } from '../bundle/read-statement.ts'
import { notVerified, NotVerifiedError } from '../errors.ts'
import { TrustMaterial, type TrustRoot } from '../trust/trust-material.ts'
import {
  type Artifact,
  type ProvedTime,
  type Signer,
  type SignerPolicy,
  verificationChecks,
  type Verified,
} from '../types.ts'
import { checkLogProof } from './check-log-proof.ts'
import { checkLogSigner, type SignerMaterial } from './check-log-signer.ts'
import { checkSigner } from './check-signer.ts'
import { checkSubject } from './check-subject.ts'
import { checkCondition } from './matches-text.ts'
import { keyProblem, policyKey } from './public-key.ts'
import { type ReadArtifact, readArtifact } from './read-artifact.ts'
import { runEngine } from './run-engine.ts'
import { signedEnvelope, signedMessage } from './signed-message.ts'

/** How {@link verifyBundle} works. */
export interface VerifyBundleOptions {
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
  { signal }: VerifyBundleOptions = {},
): Promise<Verified> {
  signal?.throwIfAborted()
  const policyPublicKey = checkPolicy(policy)
  const bundle = readBundle(bundleJson)
  const signedBy = signerOf(bundle, policyPublicKey)
  const found = await readArtifact(artifact, {
    keepBytes: bundle.content.kind === 'message' && signedBy.key.asymmetricKeyType === 'ed25519',
    ...(bundle.content.kind === 'message' ? { hash: bundle.content.hash } : {}),
    signal,
  })
  checkMessageDigest(bundle, found)
  const entity = entityOf(bundle, found)
  const unlogged = policy.kind === 'key' && policy.unlogged === true && bundle.logEntries.length === 0
  const proved = unlogged
    ? proveUnlogged(entity, signedBy)
    : proveUnderOneOf(rootsFor(signedBy, trust), entity, bundle, signedBy)

  const statement = bundle.content.kind === 'envelope' ? readStatement(bundle.content.payload) : undefined
  const digest = statement === undefined ? found.digest : checkSubject(statement, found)
  checkSigner(signedBy.signer, policy)
  return { signer: signedBy.signer, digest, ...(statement === undefined ? {} : { statement }), ...proved }
}

/** What is proved of a signature whatever it is about. */
type Proved = Pick<Verified, 'times' | 'logEntries' | 'trustRoot'>

/** Whose signature it should be, as the bundle or the policy says. */
interface SignedBy {
  readonly key: KeyObject
  readonly material: SignerMaterial
  readonly certificate?: ReadCertificate
  /** Whom the answer names, once everything is proved. */
  readonly signer: Signer
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

function signerOf({ certificate: der }: ReadBundle, wantedKey: KeyObject | undefined): SignedBy {
  if (wantedKey !== undefined) {
    if (der !== undefined) throw notVerified('key', 'it is signed with a certificate, and a key is asked for')
    const spki = wantedKey.export({ format: 'der', type: 'spki' })
    const keyDigest = parseDigest(`sha256:${createHash('sha256').update(spki).digest('hex')}`)
    return {
      key: wantedKey,
      material: { kind: 'key', spki },
      signer: { kind: 'key', keyDigest },
    }
  }
  if (der === undefined)
    throw notVerified('key', 'it is signed with a key, and the identity in a certificate is asked for')
  const certificate = readCertificate(der)
  const problem = keyProblem(certificate.publicKey)
  if (problem !== undefined) throw notVerified('key', `the certificate's key is not used: ${problem}`)
  return {
    key: certificate.publicKey,
    certificate,
    material: { kind: 'certificate', whole: certificate.whole },
    signer: certificateSigner(certificate),
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

function entityOf({ bundle, content, certificate }: ReadBundle, found: ReadArtifact): SignedEntity {
  let entity: SignedEntity
  try {
    entity = toSignedEntity(bundle)
    const { key } = entity
    // The engine verifies what it writes anew of what it read: both must be the bytes that the signer is read from.
    if (key.$case === 'certificate' && certificate?.equals(key.certificate['root'].toDER()) !== true)
      throw new Error('the certificate is not DER')
  } catch (error) {
    throw notVerified(
      'format',
      `what is in the bundle cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
  return {
    ...entity,
    signature: content.kind === 'message' ? signedMessage(content, found) : signedEnvelope(content),
  }
}

function rootsFor({ certificate }: SignedBy, trust: TrustMaterial): readonly TrustRoot[] {
  const roots = TrustMaterial.roots(trust)
  const known =
    certificate === undefined
      ? roots
      : roots.filter(({ authorityNames }) =>
          authorityNames.some((name) => name.equals(certificate.issuerName)),
        )
  if (known.length > 0) return known
  throw notVerified(
    'trust-root',
    `no trust root (${trust.names.join(', ')}) knows the authority that issued the certificate`,
  )
}

/** Each root is asked whole, by itself: nothing proved under one counts under another. */
function proveUnderOneOf(
  roots: readonly TrustRoot[],
  entity: SignedEntity,
  bundle: ReadBundle,
  signedBy: SignedBy,
): Proved {
  let furthest: NotVerifiedError | undefined
  for (const root of roots) {
    try {
      return proveUnder(root, entity, bundle, signedBy)
    } catch (error) {
      if (!(error instanceof NotVerifiedError)) throw error
      if (furthest === undefined || order(error) > order(furthest)) furthest = error
    }
  }
  throw furthest ?? notVerified('trust-root', 'there is no trust root')
}

function order({ failure }: NotVerifiedError): number {
  return verificationChecks.indexOf(failure.check)
}

function proveUnder(root: TrustRoot, entity: SignedEntity, bundle: ReadBundle, signedBy: SignedBy): Proved {
  const isKey = signedBy.certificate === undefined
  const times = claimedTimes(entity)
  if (times.length === 0 && !isKey)
    throw notVerified('time', 'nothing proves when it was signed, and a certificate is valid for minutes')
  const logs = isKey ? 1 : root.logs
  if (bundle.logEntries.length < logs)
    throw notVerified('log-inclusion', `it stands in no transparency log, and ${root.name} asks for one`)
  runEngine(
    entity,
    root,
    { times: isKey ? 0 : 1, certificateLogs: root.certificateLogs, logs },
    isKey ? signedBy.key : undefined,
  )
  const logEntries = bundle.logEntries.map((entry) => {
    const proof = checkLogProof(entry, times, root)
    checkLogSigner(entry, signedBy.material)
    return proof
  })
  return { times, logEntries, trustRoot: root.name }
}

/** The signature alone: no log has seen it, no trust root is asked, no time is proved. */
function proveUnlogged(entity: SignedEntity, { key }: SignedBy): Proved {
  if (!entity.signature.verifySignature(key))
    throw notVerified('signature', 'the signature is not over this content by this key')
  return { times: [], logEntries: [] }
}

/** The times that a bundle brings; the engine believes all of them or throws. */
function claimedTimes({ timestamps }: SignedEntity): readonly ProvedTime[] {
  const times = timestamps.flatMap((one): ProvedTime[] => {
    if (one.$case === 'timestamp-authority')
      return [{ at: signingTime(one.timestamp), by: 'timestamp-authority' }]
    const { inclusionPromise, integratedTime } = one.tlogEntry
    return inclusionPromise === undefined ? [] : [{ at: new Date(Number(integratedTime) * 1000), by: 'log' }]
  })
  return times.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

function signingTime(timestamp: { readonly signingTime: Date; readonly status: bigint }): Date {
  try {
    // RFC 3161 section 2.4.2: granted, or granted with modifications.
    if (timestamp.status === 0n || timestamp.status === 1n) return timestamp.signingTime
  } catch (error) {
    throw notVerified('format', 'a timestamp cannot be read', error)
  }
  throw notVerified('time', 'a timestamp was refused by its authority')
}
