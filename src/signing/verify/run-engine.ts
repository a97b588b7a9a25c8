import type { KeyObject } from 'node:crypto'
import { type SignedEntity, VerificationError, Verifier } from '@sigstore/verify'
import { LadingError } from '../../errors/index.ts'
import { notVerified, type NotVerifiedError } from '../errors.ts'
import type { TrustRoot } from '../trust/trust-material.ts'
import type { VerificationCheck } from '../types.ts'

/** How much must be proved. */
export interface Thresholds {
  readonly times: 0 | 1
  readonly certificateLogs: 0 | 1
  readonly logs: 0 | 1
}

/**
 * Lets @sigstore/verify do what it does right, in its order: timestamps, the certificate's chain at each of them, its
 * signed certificate timestamps, inclusion in the logs, the logged body, the signature. Every timestamp and entry that
 * is there must verify, not only as many as are asked for.
 *
 * @param key the policy's public key, where there is no certificate
 * @throws {NotVerifiedError} of the check that failed.
 */
export function runEngine(
  entity: SignedEntity,
  root: TrustRoot,
  thresholds: Thresholds,
  key: KeyObject | undefined,
): void {
  const trust = {
    ...root.engine,
    publicKey: () => {
      if (key === undefined)
        throw new VerificationError({ code: 'PUBLIC_KEY_ERROR', message: 'there is no key' })
      return { publicKey: key, validFor: () => true }
    },
  }
  const verifier = new Verifier(trust, {
    timestampThreshold: thresholds.times,
    ctlogThreshold: thresholds.certificateLogs,
    tlogThreshold: thresholds.logs,
  })
  try {
    verifier.verify(entity)
  } catch (error) {
    // Ours pass, as do a signal's reasons; whatever else a hostile bundle makes the engine throw is a no.
    if (error instanceof LadingError) throw error
    if (error instanceof VerificationError) throw engineFailure(error)
    throw notVerified(
      'format',
      `what is in the bundle cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
}

/** The check that each of the engine's codes is about, and the words in front of its own. */
const codes: Readonly<Record<VerificationError['code'], readonly [VerificationCheck, string]>> = {
  TIMESTAMP_ERROR: ['time', 'its time is not proved: '],
  CERTIFICATE_ERROR: ['certificate', 'the certificate is not to be believed: '],
  PUBLIC_KEY_ERROR: ['key', ''],
  TLOG_ERROR: ['log-inclusion', 'it is not proved to be in the transparency log: '],
  TLOG_INCLUSION_PROOF_ERROR: ['log-inclusion', 'it is not proved to be in the transparency log: '],
  TLOG_INCLUSION_PROMISE_ERROR: ['log-inclusion', 'it is not proved to be in the transparency log: '],
  TLOG_MISSING_INCLUSION_ERROR: ['log-inclusion', 'it is not proved to be in the transparency log: '],
  TLOG_BODY_ERROR: ['log-entry', 'the entry in the transparency log is about something else: '],
  SIGNATURE_ERROR: ['signature', 'the signature is not over this content by this key: '],
  NOT_IMPLEMENTED_ERROR: ['format', ''],
}

function engineFailure(error: VerificationError): NotVerifiedError {
  const { code, message } = error
  const cause: unknown = error.cause
  const [check, words] = codes[code]
  const reason = cause instanceof Error ? `${message}: ${cause.message}` : message
  const isAboutCertificateLog = check === 'certificate' && message.includes('SCT')
  return notVerified(isAboutCertificateLog ? 'certificate-log' : check, `${words}${reason}`, error)
}
