import * as v from 'valibot'

/** A service that a signing config names. */
export interface ServiceDocument {
  readonly url: string
  readonly majorApiVersion: number
  readonly validFor: { readonly start?: Date | null | undefined; readonly end?: Date | null | undefined }
  readonly operator: string
}

/** How many of the services are to be used. */
export interface SelectionDocument {
  readonly selector: 'ANY' | 'ALL' | 'EXACT'
  readonly count: number
}

/** A signing config whose shape was checked; one of v0.1 is written as one of v0.2. */
export interface SigningConfigDocument {
  readonly caUrls: readonly ServiceDocument[]
  readonly oidcUrls: readonly ServiceDocument[]
  readonly rekorTlogUrls: readonly ServiceDocument[]
  readonly rekorTlogConfig: SelectionDocument
  readonly tsaUrls: readonly ServiceDocument[]
  readonly tsaConfig: SelectionDocument
}

const time: v.GenericSchema<unknown, Date> = v.pipe(
  v.string('is not text'),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/, 'is not a time in UTC'),
  v.transform((text) => new Date(text)),
  v.check((date) => !Number.isNaN(date.getTime()), 'is not a time'),
)

const url: v.GenericSchema<unknown, string> = v.pipe(
  v.string('is not text'),
  v.minLength(1, 'is empty'),
  v.maxLength(2048, 'is too long'),
)

const wholeNumber: v.GenericSchema<unknown, number> = v.pipe(
  v.number('is not a number'),
  v.safeInteger('is not a whole number'),
  v.minValue(0, 'is less than 0'),
)

const service: v.GenericSchema<unknown, ServiceDocument> = v.object(
  {
    url,
    majorApiVersion: wholeNumber,
    validFor: v.optional(v.object({ start: v.nullish(time), end: v.nullish(time) }, 'is not an object'), {}),
    operator: v.optional(v.string('is not text'), ''),
  },
  'is not an object',
)

function list<Schema extends v.GenericSchema>(
  schema: Schema,
): v.GenericSchema<unknown, v.InferOutput<Schema>[]> {
  return v.pipe(
    v.nullish(v.array(schema, 'is not a list'), []),
    v.transform((items) => items ?? []),
    v.maxLength(64, 'has more than 64'),
  )
}

const any: SelectionDocument = { selector: 'ANY', count: 0 }

const selection: v.GenericSchema<unknown, SelectionDocument> = v.nullish(
  v.object(
    {
      selector: v.picklist(['ANY', 'ALL', 'EXACT'], 'is not ANY, ALL or EXACT'),
      count: v.optional(wholeNumber, 0),
    },
    'is not an object',
  ),
  any,
)

const current: v.GenericSchema<unknown, SigningConfigDocument> = v.object({
  caUrls: list(service),
  oidcUrls: list(service),
  rekorTlogUrls: list(service),
  rekorTlogConfig: selection,
  tsaUrls: list(service),
  tsaConfig: selection,
})

const older: v.GenericSchema<unknown, SigningConfigDocument> = v.pipe(
  v.object({ caUrl: v.nullish(url), oidcUrl: v.nullish(url), tlogUrls: list(url), tsaUrls: list(url) }),
  v.transform(({ caUrl, oidcUrl, tlogUrls, tsaUrls }) => ({
    caUrls: services(caUrl),
    oidcUrls: services(oidcUrl),
    rekorTlogUrls: services(...tlogUrls),
    rekorTlogConfig: any,
    tsaUrls: services(...tsaUrls),
    tsaConfig: any,
  })),
)

function services(...urls: readonly (string | null | undefined)[]): ServiceDocument[] {
  return urls
    .filter((one) => typeof one === 'string')
    .map((one) => ({ url: one, majorApiVersion: 1, validFor: {}, operator: '' }))
}

/**
 * The shape of `SigningConfig` (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto)
 * by its media type: v0.1 or v0.2.
 */
export const signingConfigSchemas: Readonly<Record<string, v.GenericSchema<unknown, SigningConfigDocument>>> =
  {
    'application/vnd.dev.sigstore.signingconfig.v0.1+json': older,
    'application/vnd.dev.sigstore.signingconfig.v0.2+json': current,
  }
