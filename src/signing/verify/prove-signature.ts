import type { SignedEntity } from '@sigstore/verify'
import type { ReadBundle } from '../bundle/read-bundle.ts'
import { notVerified, NotVerifiedError } from '../errors.ts'
import { TrustMaterial, type TrustRoot } from '../trust/trust-material.ts'
import { verificationChecks, type Verified } from '../types.ts'
import { checkEnvelopeEntry, isEnvelopeEntry, type LoggedEnvelope } from './check-envelope-entry.ts'
import { checkLogProof } from './check-log-proof.ts'
import { checkLogSigner } from './check-log-signer.ts'
import { claimedTimes } from './engine-entity.ts'
import { runEngine } from './run-engine.ts'
import type { SignedBy } from './signed-by.ts'

/** What is proved of a signature whatever it is about. */
export type Proved = Pick<Verified, 'times' | 'logEntries' | 'trustRoot'>

/**
 * Proves time, certificate, log entries and signature under one of the roots. Each is asked whole, by itself: nothing
 * proved under one counts under another.
 *
 * @param envelope where its bytes are at hand, which entries of some kind are about
 * @throws {NotVerifiedError} of the check that failed first, under the root that came furthest.
 */
export function proveSignature(
  entity: SignedEntity,
  bundle: ReadBundle,
  signedBy: SignedBy,
  trust: TrustMaterial,
  envelope?: LoggedEnvelope,
): Proved {
  let furthest: NotVerifiedError | undefined
  for (const root of rootsFor(signedBy, trust)) {
    try {
      return proveUnder(root, entity, bundle, signedBy, envelope)
    } catch (error) {
      if (!(error instanceof NotVerifiedError)) throw error
      if (furthest === undefined || order(error) > order(furthest)) furthest = error
    }
  }
  throw furthest ?? notVerified('trust-root', 'there is no trust root')
}

/**
 * The signature alone: no log has seen it, no trust root is asked, no time is proved.
 *
 * @throws {NotVerifiedError} of the check `signature`.
 */
export function proveUnlogged(entity: SignedEntity, { key }: SignedBy): Proved {
  if (!entity.signature.verifySignature(key))
    throw notVerified('signature', 'the signature is not over this content by this key')
  return { times: [], logEntries: [] }
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

function order({ failure }: NotVerifiedError): number {
  return verificationChecks.indexOf(failure.check)
}

function proveUnder(
  root: TrustRoot,
  entity: SignedEntity,
  bundle: ReadBundle,
  signedBy: SignedBy,
  envelope: LoggedEnvelope | undefined,
): Proved {
  const isKey = signedBy.certificate === undefined
  const times = claimedTimes(entity)
  if (times.length === 0 && !isKey)
    throw notVerified('time', 'nothing proves when it was signed, and a certificate is valid for minutes')
  const logs = isKey ? 1 : root.logs
  if (bundle.logEntries.length < logs)
    throw notVerified('log-inclusion', `it stands in no transparency log, and ${root.name} asks for one`)
  const entries = envelope === undefined ? [] : bundle.logEntries.filter(isEnvelopeEntry)
  const checkOwn = (): void => {
    for (const entry of entries) if (envelope !== undefined) checkEnvelopeEntry(entry, envelope, root)
  }
  runEngine(
    entries.length === 0 ? entity : withoutEnvelopeEntries(entity, checkOwn),
    root,
    { times: isKey ? 0 : 1, certificateLogs: root.certificateLogs, logs: entries.length === 0 ? logs : 0 },
    isKey ? signedBy.key : undefined,
  )
  const logEntries = bundle.logEntries.map((entry) => {
    const proof = checkLogProof(entry, times, root)
    checkLogSigner(entry, signedBy.material)
    return proof
  })
  return { times, logEntries, trustRoot: root.name }
}

/** The engine is shown the other entries; `check` is run where it has checked those, before the signature. */
function withoutEnvelopeEntries(entity: SignedEntity, check: () => void): SignedEntity {
  const { signature } = entity
  return {
    ...entity,
    tlogEntries: entity.tlogEntries.filter(
      ({ kindVersion }) => kindVersion === undefined || !isEnvelopeEntry({ kindVersion }),
    ),
    signature: {
      ...signature,
      verifySignature(key) {
        check()
        return signature.verifySignature(key)
      },
    },
  }
}
