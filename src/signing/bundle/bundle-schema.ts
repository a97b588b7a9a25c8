import * as v from 'valibot'
import { base64Text } from './base64-text.ts'
import type { BundleDocument, LogEntryDocument } from './bundle-document.ts'

/** The most bytes of a payload: more than any store of attestations takes. */
export const maxPayloadBytes: number = 24 * 1024 * 1024

const maxCertificateBytes = 32 * 1024
const maxSignatureBytes = 8 * 1024
const maxTimestampBytes = 64 * 1024
const maxEntries = 16

/** How many characters a log's signed checkpoint may have. */
const maxCheckpointLength = 16 * 1024

/** A protobuf int64 that is an index, a size or a time: never negative, and exact as a JavaScript number. */
const count = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.transform(String))], 'is not a number'),
  v.regex(/^(?:0|[1-9][0-9]{0,15})$/, 'is not a number of at most 16 digits'),
  v.check((text) => Number.isSafeInteger(Number(text)), 'is too large a number'),
)

const name = v.pipe(v.string('is not text'), v.maxLength(256, 'is too long'))

/** Origin, size in decimal, root hash, signatures (https://github.com/transparency-dev/formats/blob/main/log/README.md). */
const checkpoint = v.object(
  {
    envelope: v.pipe(
      v.string('is not text'),
      v.maxLength(maxCheckpointLength, `has more than ${maxCheckpointLength} characters`),
      v.regex(/^[^\n]+\n(?:0|[1-9][0-9]{0,15})\n[^\n]+\n/, 'is not a checkpoint'),
      v.check(hasSignatureLines, 'has a line that is no signature'),
    ),
  },
  'is not an object',
)

/** An entry of a transparency log as a bundle holds it. */
export const logEntrySchema: v.GenericSchema<unknown, LogEntryDocument> = v.object(
  {
    logIndex: v.optional(count, '0'),
    logId: v.object({ keyId: base64Text(64) }, 'is not an object'),
    kindVersion: v.object({ kind: name, version: name }, 'is not an object'),
    integratedTime: v.optional(count, '0'),
    inclusionPromise: v.nullish(
      v.object({ signedEntryTimestamp: base64Text(maxSignatureBytes) }, 'is not an object'),
    ),
    inclusionProof: v.nullish(
      v.object(
        {
          logIndex: v.optional(count, '0'),
          rootHash: base64Text(64),
          treeSize: count,
          hashes: v.optional(
            v.pipe(v.array(base64Text(64), 'is not a list'), v.maxLength(64, 'has more than 64 hashes')),
            [],
          ),
          checkpoint,
        },
        'is not an object',
      ),
    ),
    canonicalizedBody: base64Text(2 * maxPayloadBytes),
  },
  'is not an object',
)

const certificate = v.object({ rawBytes: base64Text(maxCertificateBytes) }, 'is not an object')

const certificateChain = v.object(
  {
    certificates: v.pipe(
      v.array(certificate, 'is not a list'),
      v.minLength(1, 'has no certificate'),
      v.maxLength(10, 'has more than 10 certificates'),
    ),
  },
  'is not an object',
)

/**
 * The shape of a Sigstore bundle, v0.1 to v0.3, as its protobuf JSON is written; every size and count is bounded.
 * What it does not name is dropped, and is seen by nobody.
 */
export const bundleSchema: v.GenericSchema<unknown, BundleDocument> = v.object(
  {
    mediaType: v.picklist(
      [
        'application/vnd.dev.sigstore.bundle+json;version=0.1',
        'application/vnd.dev.sigstore.bundle+json;version=0.2',
        'application/vnd.dev.sigstore.bundle+json;version=0.3',
        'application/vnd.dev.sigstore.bundle.v0.3+json',
      ],
      'is not that of a Sigstore bundle v0.1, v0.2 or v0.3',
    ),
    verificationMaterial: v.object(
      {
        x509CertificateChain: v.nullish(certificateChain),
        certificate: v.nullish(certificate),
        publicKey: v.nullish(v.object({ hint: v.optional(name, '') }, 'is not an object')),
        tlogEntries: v.nullish(
          v.pipe(
            v.array(logEntrySchema, 'is not a list'),
            v.maxLength(maxEntries, `has more than ${maxEntries}`),
          ),
        ),
        timestampVerificationData: v.nullish(
          v.object(
            {
              rfc3161Timestamps: v.nullish(
                v.pipe(
                  v.array(
                    v.object({ signedTimestamp: base64Text(maxTimestampBytes) }, 'is not an object'),
                    'is not a list',
                  ),
                  v.maxLength(maxEntries, `has more than ${maxEntries}`),
                ),
              ),
            },
            'is not an object',
          ),
        ),
      },
      'is not an object',
    ),
    messageSignature: v.nullish(
      v.object(
        {
          messageDigest: v.object(
            {
              algorithm: v.picklist(
                ['SHA2_256', 'SHA2_384', 'SHA2_512'],
                'is not SHA2_256, SHA2_384 or SHA2_512',
              ),
              digest: base64Text(64),
            },
            'is not an object',
          ),
          signature: base64Text(maxSignatureBytes),
        },
        'is not an object',
      ),
    ),
    dsseEnvelope: v.nullish(
      v.object(
        {
          payload: base64Text(maxPayloadBytes),
          payloadType: name,
          signatures: v.pipe(
            v.array(v.object({ sig: base64Text(maxSignatureBytes) }, 'is not an object'), 'is not a list'),
            v.maxLength(maxEntries, `has more than ${maxEntries}`),
          ),
        },
        'is not an object',
      ),
    ),
  },
  'is not a JSON object',
)

/** Behind the empty line stands nothing but signatures, each in canonical base64. */
function hasSignatureLines(envelope: string): boolean {
  const end = envelope.indexOf('\n\n')
  const lines = envelope.slice(end + 2).split('\n')
  if (end < 0 || lines.pop() !== '') return false
  return lines.every((line) => {
    const text = /^\u2014 \S+ (\S+)$/.exec(line)?.[1]
    return text !== undefined && Buffer.from(text, 'base64').toString('base64') === text
  })
}
