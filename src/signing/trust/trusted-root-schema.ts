import * as v from 'valibot'
import { base64Text } from '../bundle/base64-text.ts'

/** From when to when a key or certificate is believed; both are inside. */
export interface ValidityDocument {
  readonly start: Date
  readonly end?: Date | null | undefined
}

/** A log: of signatures or of certificates. Bytes are base64. */
export interface LogDocument {
  readonly baseUrl: string
  readonly publicKey: { readonly rawBytes: string; readonly validFor: ValidityDocument }
  readonly logId: { readonly keyId: string }
  readonly checkpointKeyId?: { readonly keyId: string } | null | undefined
}

/** An authority: of signing certificates or of times. */
export interface AuthorityDocument {
  readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] }
  readonly validFor: ValidityDocument
}

/** A trusted root whose shape was checked. */
export interface TrustedRootDocument {
  readonly mediaType: string
  readonly tlogs: readonly LogDocument[]
  readonly certificateAuthorities: readonly AuthorityDocument[]
  readonly ctlogs: readonly LogDocument[]
  readonly timestampAuthorities: readonly AuthorityDocument[]
}

const maxInstances = 64

const time = v.pipe(
  v.string('is not text'),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/, 'is not a time in UTC'),
  v.transform((text) => new Date(text)),
  v.check((date) => !Number.isNaN(date.getTime()), 'is not a time'),
)

/** A start is required: without one a key would be believed for all of the past. */
const validity = v.object({ start: time, end: v.nullish(time) }, 'is not an object')

const keyId = v.object({ keyId: base64Text(64) }, 'is not an object')

const log = v.object(
  {
    baseUrl: v.pipe(v.string('is not text'), v.minLength(1, 'is empty'), v.maxLength(2048, 'is too long')),
    publicKey: v.object({ rawBytes: base64Text(8192), validFor: validity }, 'is not an object'),
    logId: keyId,
    checkpointKeyId: v.nullish(keyId),
  },
  'is not an object',
)

const authority = v.object(
  {
    certChain: v.object(
      {
        certificates: v.pipe(
          v.array(v.object({ rawBytes: base64Text(32 * 1024) }, 'is not an object'), 'is not a list'),
          v.minLength(1, 'is empty'),
          v.maxLength(10, 'has more than 10 certificates'),
        ),
      },
      'is not an object',
    ),
    validFor: validity,
  },
  'is not an object',
)

function instances<Schema extends v.GenericSchema>(
  schema: Schema,
): v.GenericSchema<unknown, v.InferOutput<Schema>[]> {
  return v.pipe(
    v.nullish(v.array(schema, 'is not a list'), []),
    v.transform((list) => list ?? []),
    v.maxLength(maxInstances, `has more than ${maxInstances}`),
  )
}

/** The shape of a Sigstore trusted root as its protobuf JSON is written. */
export const trustedRootSchema: v.GenericSchema<unknown, TrustedRootDocument> = v.object(
  {
    mediaType: v.picklist(
      [
        'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
        'application/vnd.dev.sigstore.trustedroot.v0.1+json',
        'application/vnd.dev.sigstore.trustedroot.v0.2+json',
      ],
      'is not that of a Sigstore trusted root',
    ),
    tlogs: instances(log),
    certificateAuthorities: instances(authority),
    ctlogs: instances(log),
    timestampAuthorities: instances(authority),
  },
  'is not a JSON object',
)
