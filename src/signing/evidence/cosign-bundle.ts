import { digestHex, digestOf } from '../../oci/index.ts'
import { asRecord, type JsonRecord, readJson, textIn } from './read-json.ts'

/** What cosign's older format signs. */
export type CosignSigned =
  /** The bytes of a simple signing payload; the signature is in the annotations. */
  | { readonly kind: 'payload'; readonly payload: Uint8Array }
  /** A DSSE envelope with its signature. */
  | { readonly kind: 'envelope'; readonly envelope: unknown }

const annotation = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  bundle: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** Certificates and log entries have a few kilobytes. */
const longestAnnotation = 1024 * 1024

/**
 * Writes a signature of cosign's older format as a Sigstore bundle v0.1, which has the same parts: so it goes through the very same
 * checks. The chain of the annotations is left out, as the trust root brings its own. Where a certificate is missing a key was used.
 *
 * @returns the bundle as JSON, or what is wrong.
 */
export function cosignBundle(
  annotations: Readonly<Record<string, string>>,
  signed: CosignSigned,
): JsonRecord | string {
  if (Object.values(annotations).some(({ length }) => length > longestAnnotation))
    return `an annotation has more than ${longestAnnotation} characters`
  const material = verificationMaterial(annotations)
  if (typeof material === 'string') return material
  const content = signedContent(annotations, signed)
  if (typeof content === 'string') return content
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: material,
    ...content,
  }
}

function signedContent(
  annotations: Readonly<Record<string, string>>,
  signed: CosignSigned,
): JsonRecord | string {
  if (signed.kind === 'envelope') {
    const envelope = asRecord(signed.envelope)
    return envelope === undefined ? 'the envelope is not a JSON object' : { dsseEnvelope: envelope }
  }
  const signature = annotations[annotation.signature]
  if (signature === undefined || signature === '') return `it has no annotation ${annotation.signature}`
  const digest = Buffer.from(digestHex(digestOf(signed.payload)), 'hex').toString('base64')
  return { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest }, signature } }
}

function verificationMaterial(annotations: Readonly<Record<string, string>>): JsonRecord | string {
  const certificate = annotations[annotation.certificate]
  const rawBytes = certificate === undefined ? undefined : firstCertificate(certificate)
  if (certificate !== undefined && rawBytes === undefined) return 'its certificate is not PEM'
  const entries = logEntries(annotations[annotation.bundle])
  if (typeof entries === 'string') return entries
  const timestamps = signedTimestamps(annotations[annotation.timestamp])
  if (typeof timestamps === 'string') return timestamps
  return {
    ...(rawBytes === undefined
      ? { publicKey: { hint: '' } }
      : { x509CertificateChain: { certificates: [{ rawBytes }] } }),
    tlogEntries: entries,
    timestampVerificationData: { rfc3161Timestamps: timestamps },
  }
}

/** The base64 of the first certificate in PEM. */
function firstCertificate(pem: string): string | undefined {
  const begin = '-----BEGIN CERTIFICATE-----'
  const from = pem.indexOf(begin)
  const to = pem.indexOf('-----END CERTIFICATE-----', from)
  if (from < 0 || to < 0) return undefined
  return pem.slice(from + begin.length, to).replaceAll(/\s/g, '')
}

/** Rekor's entry as cosign writes it: `{"SignedEntryTimestamp", "Payload": {"body", "integratedTime", "logIndex", "logID"}}`. */
function logEntries(text: string | undefined): readonly JsonRecord[] | string {
  if (text === undefined || text === '') return []
  const entry = readJson(Buffer.from(text))
  const promise = textIn(entry, 'SignedEntryTimestamp')
  const payload = asRecord(asRecord(entry)?.['Payload'])
  const body = textIn(payload, 'body')
  const logId = textIn(payload, 'logID')
  const integratedTime = payload?.['integratedTime']
  const logIndex = payload?.['logIndex']
  if (
    promise === undefined ||
    body === undefined ||
    logId === undefined ||
    !/^[0-9a-f]{64}$/.test(logId) ||
    !isCount(integratedTime) ||
    !isCount(logIndex)
  )
    return `its annotation ${annotation.bundle} is not a log entry with a promise`
  const logged = readJson(Buffer.from(body, 'base64'))
  const kind = textIn(logged, 'kind')
  const version = textIn(logged, 'apiVersion')
  if (kind === undefined || version === undefined)
    return 'the body of its log entry says not of which kind it is'
  return [
    {
      logIndex: String(logIndex),
      logId: { keyId: Buffer.from(logId, 'hex').toString('base64') },
      kindVersion: { kind, version },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp: promise },
      canonicalizedBody: body,
    },
  ]
}

function signedTimestamps(text: string | undefined): readonly JsonRecord[] | string {
  if (text === undefined || text === '' || text === 'null') return []
  const signedTimestamp = textIn(readJson(Buffer.from(text)), 'SignedRFC3161Timestamp')
  if (signedTimestamp === undefined) return `its annotation ${annotation.timestamp} holds no timestamp`
  return [{ signedTimestamp }]
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
