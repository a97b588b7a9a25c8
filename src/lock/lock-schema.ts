import {
  array,
  description,
  type GenericSchema,
  integer,
  literal,
  maxLength,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  string,
  union,
  variant,
} from 'valibot'

/** A lock file as YAML gives it, checked for its shape and for nothing that needs more than one field. */
export interface LockDocument {
  readonly version: 1
  readonly images: Record<string, LockedImageDocument>
  readonly signers?: Record<string, SignerDocument[]> | undefined
}

interface LockedImageDocument {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly resolvedAt: string
  readonly platforms: Record<string, string>
  readonly usedBy: string[]
  readonly signatures: SignaturesDocument
}

type SignaturesDocument =
  | {
      readonly status: 'verified'
      readonly searched: ('registry' | 'github')[]
      readonly acceptedBy: AcceptedByDocument
      readonly evidence: EvidenceDocument
    }
  | {
      readonly status: 'none-found'
      readonly searched: ('registry' | 'github')[]
      readonly acceptedBy: AcceptedByDocument
    }
  | { readonly status: 'not-asked'; readonly acceptedBy: AcceptedByDocument }

type AcceptedByDocument = 'first-use' | 'accept-signer' | { readonly rule: string }

interface EvidenceDocument {
  readonly subject: string
  readonly predicateType?: string | undefined
  readonly sourceRef?: string | undefined
  readonly sourceCommit?: string | undefined
  readonly logEntry?: string | undefined
  readonly bundle: string
}

type SignerDocument =
  | {
      readonly issuer: string
      readonly identity: string
      readonly sourceRepositoryOwner?: string | undefined
      readonly sourceRepository?: string | undefined
      readonly sourceRepositoryId?: string | undefined
      readonly workflow?: string | undefined
    }
  | { readonly key: string }

const digest = pipe(
  string(),
  regex(
    /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    'expected a digest, sha256:… with 64 or sha512:… with 128 lower-case hex digits',
  ),
)
const text = pipe(string(), minLength(1, 'it is empty'), maxLength(4096, 'it is longer than 4096 characters'))

const acceptedBy = union(
  [
    picklist(['first-use', 'accept-signer']),
    strictObject({ rule: pipe(text, description('The image pattern of a rule of lading.yaml.')) }),
  ],
  'expected first-use, accept-signer, or a rule',
)
const searched = pipe(
  array(picklist(['registry', 'github'])),
  maxLength(2),
  description('Where signatures were looked for.'),
)

const signatures = variant('status', [
  strictObject({
    status: literal('verified'),
    searched,
    acceptedBy,
    evidence: strictObject({
      subject: pipe(digest, description('The manifest that the signature is about.')),
      predicateType: optional(text),
      sourceRef: optional(pipe(text, description('The ref of the source, refs/tags/0.9.0.'))),
      sourceCommit: optional(pipe(text, description('The commit of the source.'))),
      logEntry: optional(pipe(text, description('The transparency log and the index in it.'))),
      bundle: pipe(digest, description('Of the bundle as JSON without blanks.')),
    }),
  }),
  strictObject({ status: literal('none-found'), searched, acceptedBy }),
  strictObject({ status: literal('not-asked'), acceptedBy }),
])

const image = strictObject({
  digest: pipe(digest, description('Of the index, or of the manifest where there is none.')),
  mediaType: text,
  size: pipe(number(), integer(), minValue(1), maxValue(Number.MAX_SAFE_INTEGER), description('Bytes.')),
  resolvedAt: pipe(
    string(),
    regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'expected a time as 2026-01-31T12:00:00Z'),
    description('When the digest was first seen; it stays while the digest does.'),
  ),
  platforms: pipe(record(text, digest), description("Each platform's manifest: linux/arm64.")),
  usedBy: pipe(array(text), description('Where the project names it: Dockerfile#FROM:builder.')),
  signatures,
})

const signer = union(
  [
    strictObject({
      issuer: pipe(text, description('The OIDC issuer.')),
      identity: pipe(
        text,
        description("The certificate's subject alternative name, without a workflow's @ref."),
      ),
      sourceRepositoryOwner: optional(text),
      sourceRepository: optional(text),
      sourceRepositoryId: optional(text),
      workflow: optional(pipe(text, description('The workflow at the top, where another one of it signed.'))),
    }),
    strictObject({ key: pipe(digest, description('SHA-256 of the public key.')) }),
  ],
  'expected issuer and identity, or key',
)

/** The schema of `lading.lock`; unknown keys are refused. */
export const lockSchema: GenericSchema<unknown, LockDocument> = strictObject({
  version: literal(1),
  images: pipe(
    record(text, image),
    description('By canonical name and tag, and digest where the sources have one.'),
  ),
  signers: optional(
    pipe(
      record(text, pipe(array(signer), minLength(1, 'it is empty'))),
      description('By repository: who signs its images, as verified signatures showed.'),
    ),
  ),
})
