import type { Readable } from 'node:stream'
import type { Digest } from '../oci/index.ts'

export type { TrustMaterial } from './trust/trust-material.ts'

/**
 * What a signature is to be about: the digests that are known of it, or bytes that can be read.
 *
 * An image is its manifest's digest (`{ digests: ['sha256:…'] }`). Bytes are read once, hashed as they pass, and kept
 * in memory only for Ed25519, which signs bytes and not a digest.
 */
export type Artifact =
  | { readonly digests: readonly Digest[] }
  | { readonly open: () => Readable | Promise<Readable>; readonly name?: string }

/** A text that must be equal, or a glob (`*` stands for any text, nothing else is special) that must match it whole. */
export type TextCondition = { readonly exact: string } | { readonly pattern: string }

/**
 * Who must have signed. There is no default: what may be left out has a name that says so.
 *
 * - `identity`: the certificate's subject alternative name and its OIDC issuer, both.
 * - `key`: a public key as PEM (ECDSA P-256 or P-384, Ed25519, RSA of 2,048 bits or more). `unlogged` accepts a
 *   signature that stands in no transparency log and whose time nobody proved.
 * - `unsafeAnyIdentity`: whoever the trust root gave a certificate to. Only to show who *claims* to have signed.
 */
export type SignerPolicy =
  | { readonly kind: 'identity'; readonly identity: TextCondition; readonly issuer: TextCondition }
  | { readonly kind: 'key'; readonly publicKeyPem: string; readonly unlogged?: boolean }
  | { readonly kind: 'unsafeAnyIdentity' }

/** What the certificate says about the signer: Fulcio's extensions (1.3.6.1.4.1.57264.1) as text, by name. */
export interface CertificateClaims {
  /** `buildSignerURI` (.9): the workflow that signed, at its ref. */
  readonly buildSignerUri?: string
  /** `buildSignerDigest` (.10). */
  readonly buildSignerDigest?: string
  /** `runnerEnvironment` (.11): `github-hosted` or `self-hosted`. */
  readonly runnerEnvironment?: string
  /** `sourceRepositoryURI` (.12). */
  readonly sourceRepositoryUri?: string
  /** `sourceRepositoryDigest` (.13): the commit. */
  readonly sourceRepositoryDigest?: string
  /** `sourceRepositoryRef` (.14). */
  readonly sourceRepositoryRef?: string
  /** `sourceRepositoryIdentifier` (.15). */
  readonly sourceRepositoryId?: string
  /** `sourceRepositoryOwnerURI` (.16). */
  readonly sourceRepositoryOwnerUri?: string
  /** `sourceRepositoryOwnerIdentifier` (.17). */
  readonly sourceRepositoryOwnerId?: string
  /** `buildConfigURI` (.18): the top-level workflow. */
  readonly buildConfigUri?: string
  /** `buildConfigDigest` (.19). */
  readonly buildConfigDigest?: string
  /** `buildTrigger` (.20): `push`, `release` … */
  readonly buildTrigger?: string
  /** `runInvocationURI` (.21). */
  readonly runInvocationUri?: string
  /** `sourceRepositoryVisibilityAtSigning` (.22). */
  readonly sourceRepositoryVisibility?: string
  /** The older extensions .2 to .6, where the certificate has them. */
  readonly githubWorkflowTrigger?: string
  readonly githubWorkflowSha?: string
  readonly githubWorkflowName?: string
  readonly githubWorkflowRepository?: string
  readonly githubWorkflowRef?: string
}

/** Who signed. */
export type Signer =
  | {
      readonly kind: 'certificate'
      /** The subject alternative name: a URI, an email address, or Fulcio's user name. */
      readonly identity: string
      /** The OIDC issuer that vouched for it. */
      readonly issuer: string
      readonly claims: CertificateClaims
    }
  | {
      readonly kind: 'key'
      /** SHA-256 of the public key's SubjectPublicKeyInfo in DER. */
      readonly keyDigest: Digest
    }

/** One subject of an in-toto statement, as written. */
export interface StatementSubject {
  readonly name: string
  /** Hex by algorithm name. */
  readonly digest: Readonly<Record<string, string>>
}

/** An in-toto statement (v0.1 or v1) out of a signed envelope. */
export interface Statement {
  readonly type: string
  readonly subjects: readonly StatementSubject[]
  readonly predicateType: string
  /** What JSON said: unknown until the reader has checked it. */
  readonly predicate: unknown
}

/** A moment and what proved it. */
export interface ProvedTime {
  readonly at: Date
  /** `log`: a transparency log's signed entry time; `timestamp-authority`: an RFC 3161 timestamp. */
  readonly by: 'log' | 'timestamp-authority'
}

/** An entry of a transparency log that was proved to be in it and to be about this signature. */
export interface LogEntry {
  /** The log's URL in the trust root. */
  readonly log: string
  /** Decimal, as text: the index in the log (global where the log's own signature says it, else in its tree). */
  readonly index: string
  readonly kind: string
}

/** A bundle that passed every check. */
export interface Verified {
  readonly signer: Signer
  /** The digest that the signature is bound to, out of those the artifact has. */
  readonly digest: Digest
  /** Absent where the signature is over the bytes themselves and not over a statement. */
  readonly statement?: Statement
  /** Earliest first. Empty only for a key with `unlogged`. */
  readonly times: readonly ProvedTime[]
  readonly logEntries: readonly LogEntry[]
  /** The name of the trust root that the answer stands on; absent for an unlogged key. */
  readonly trustRoot?: string
}

/** The checks, in the order in which they are made; a failure names the first that failed. */
export const verificationChecks = [
  'format',
  'envelope',
  'key',
  'certificate-purpose',
  'message-digest',
  'trust-root',
  'time',
  'certificate',
  'certificate-log',
  'log-inclusion',
  'log-entry',
  'signature',
  'log-proof',
  'log-signer',
  'statement',
  'artifact',
  'identity',
  'issuer',
] as const

/** The name of a check. docs/trust-model.md says what each looks at. */
export type VerificationCheck = (typeof verificationChecks)[number]

/** Why a bundle was not verified. */
export interface VerificationFailure {
  readonly check: VerificationCheck
  /** Ends the sentence "not verified: …". */
  readonly message: string
}
