import { UsageError } from '../../errors/index.ts'
import { type Descriptor, digestOf } from '../../oci/index.ts'
import type { LogEntryDocument } from '../bundle/bundle-document.ts'
import { type ReadBundle, readBundle } from '../bundle/read-bundle.ts'
import { readStatement } from '../bundle/read-statement.ts'
import { asRecord } from '../evidence/read-json.ts'
import { writePem } from '../sign/keys/pem-block.ts'

/** A signature or attestation as cosign's older format keeps it: a layer, and what goes with it in annotations. */
export interface CosignLayer {
  readonly kind: 'sig' | 'att'
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** Options of {@link cosignLayer}. */
export interface CosignLayerOptions {
  /** The bytes that were signed, of a signature over bytes: the simple signing payload. */
  readonly payload?: Uint8Array | undefined
  /** The certificates between the signer's and the root, DER; a bundle does not carry them. */
  readonly chain?: readonly Uint8Array[] | undefined
}

/**
 * Writes a bundle in cosign's older format
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md): the payload with its signature in annotations,
 * or the envelope. Of timestamps only those over a signature are kept: those of older attestations are over the envelope.
 *
 * @throws {UsageError} for a log entry without a promise (Rekor v2), which the format cannot hold.
 */
export function cosignLayer(bundle: unknown, { payload, chain = [] }: CosignLayerOptions = {}): CosignLayer {
  const read = readBundle(bundle)
  const { content } = read
  if (content.kind === 'envelope') {
    const { predicateType } = readStatement(content.payload)
    const envelope = Buffer.from(JSON.stringify(asRecord(bundle)?.['dsseEnvelope']))
    return layer('att', 'application/vnd.dsse.envelope.v1+json', envelope, {
      'dev.cosignproject.cosign/signature': '',
      predicateType,
      ...certificateAnnotations(read, chain),
      ...logAnnotation(read.logEntries),
    })
  }
  if (payload === undefined) throw new UsageError('Cannot write a signature without what was signed')
  return layer('sig', 'application/vnd.dev.cosign.simplesigning.v1+json', payload, {
    'dev.cosignproject.cosign/signature': content.signature.toString('base64'),
    ...certificateAnnotations(read, chain),
    ...logAnnotation(read.logEntries),
    ...timestampAnnotation(read),
  })
}

function layer(
  kind: CosignLayer['kind'],
  mediaType: string,
  bytes: Uint8Array,
  annotations: Readonly<Record<string, string>>,
): CosignLayer {
  return { kind, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length, annotations }, bytes }
}

function certificateAnnotations(
  { certificate }: ReadBundle,
  chain: readonly Uint8Array[],
): Readonly<Record<string, string>> {
  if (certificate === undefined) return {}
  return {
    'dev.sigstore.cosign/certificate': writePem('CERTIFICATE', certificate),
    ...(chain.length === 0
      ? {}
      : { 'dev.sigstore.cosign/chain': chain.map((each) => writePem('CERTIFICATE', each)).join('') }),
  }
}

/** The format has room for one entry, with the log's promise. */
function logAnnotation(entries: readonly LogEntryDocument[]): Readonly<Record<string, string>> {
  const [entry] = entries
  if (entry === undefined) return {}
  const promise = entry.inclusionPromise?.signedEntryTimestamp
  if (promise === undefined || promise === '') {
    throw new UsageError(
      "Cannot write cosign's older format: the transparency log promised nothing, as logs of Rekor v2 do",
      { hint: 'Leave --format out, or sign with a log of Rekor v1.' },
    )
  }
  const bundle = {
    SignedEntryTimestamp: promise,
    Payload: {
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: Buffer.from(entry.logId.keyId, 'base64').toString('hex'),
    },
  }
  return { 'dev.sigstore.cosign/bundle': JSON.stringify(bundle) }
}

function timestampAnnotation({ bundle }: ReadBundle): Readonly<Record<string, string>> {
  const [timestamp] = bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []
  if (timestamp === undefined) return {}
  const SignedRFC3161Timestamp = Buffer.from(timestamp.signedTimestamp).toString('base64')
  return { 'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp }) }
}
