import { createHash, verify } from 'node:crypto'
import * as v from 'valibot'
import type { LogEntryDocument } from '../bundle/bundle-document.ts'
import { notVerified } from '../errors.ts'
import type { TrustRoot } from '../trust/trust-material.ts'

/** An envelope whose log entry holds the hash of its very bytes. */
export interface LoggedEnvelope {
  /** The JSON as it was logged. */
  readonly bytes: Uint8Array
  readonly payload: Uint8Array
}

/** Whether it is the kind of entry that {@link checkEnvelopeEntry} is for; the engine knows it not. */
export function isEnvelopeEntry(entry: Pick<LogEntryDocument, 'kindVersion'>): boolean {
  return entry.kindVersion.kind === 'intoto' && entry.kindVersion.version === '0.0.1'
}

/**
 * Checks an entry `intoto` 0.0.1, as cosign logged attestations before it took to `dsse`: it holds no signature, but the
 * hash of the whole envelope with the signature in it
 * (https://github.com/sigstore/rekor/tree/main/pkg/types/intoto/v0.0.1). The log's promise must be there; whose
 * signature it is `checkLogSigner` compares.
 *
 * @throws {NotVerifiedError} of the check `log-inclusion` or `log-entry`.
 */
export function checkEnvelopeEntry(
  entry: LogEntryDocument,
  { bytes, payload }: LoggedEnvelope,
  root: TrustRoot,
): void {
  const body = Buffer.from(entry.canonicalizedBody, 'base64')
  if (!isPromised(entry, body, root))
    throw notVerified(
      'log-inclusion',
      'it is not proved to be in the transparency log: inclusion promise could not be verified',
    )
  const { content } = readBody(body).spec
  const isSame =
    content.hash.value === sha256(bytes) &&
    (content.payloadHash === undefined || content.payloadHash.value === sha256(payload))
  if (!isSame)
    throw notVerified(
      'log-entry',
      'the entry in the transparency log is about something else: envelope hash mismatch',
    )
}

const hash = v.object({ algorithm: v.literal('sha256'), value: v.string() })
const bodySchema = v.object({
  kind: v.literal('intoto'),
  apiVersion: v.literal('0.0.1'),
  // Old entries have no hash of the payload, which the envelope's covers.
  spec: v.object({ content: v.object({ hash, payloadHash: v.optional(hash) }) }),
})

function readBody(body: Buffer): v.InferOutput<typeof bodySchema> {
  try {
    return v.parse(bodySchema, JSON.parse(body.toString('utf8')))
  } catch (error) {
    throw notVerified(
      'log-entry',
      'the entry in the transparency log is about something else: its body is not an intoto 0.0.1',
      error,
    )
  }
}

/** The log's signature over the entry, its time and its index (SignedEntryTimestamp), in canonical JSON (RFC 8785). */
function isPromised(entry: LogEntryDocument, body: Buffer, { engine }: TrustRoot): boolean {
  const promise = entry.inclusionPromise?.signedEntryTimestamp
  // What would not be looked at may not be there.
  if (promise === undefined || (entry.inclusionProof ?? undefined) !== undefined) return false
  const logId = Buffer.from(entry.logId.keyId, 'base64')
  const [integratedTime, logIndex] = [BigInt(entry.integratedTime), BigInt(entry.logIndex)]
  const at = new Date(Number(integratedTime) * 1000)
  const signed = Buffer.from(
    `{"body":"${body.toString('base64')}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":${logIndex}}`,
  )
  return engine.tlogs.some(
    ({ logID, publicKey, validFor }) =>
      logID.equals(logId) &&
      validFor.start <= at &&
      at <= validFor.end &&
      verify(
        publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256',
        signed,
        publicKey,
        Buffer.from(promise, 'base64'),
      ),
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
