import type { CertificateClaims, Signer, Verified } from '../../signing/index.ts'

/** What was proved of a signature, as it is printed. What is not known is null. */
export interface VerifiedAnswer {
  readonly signer: SignerAnswer
  /** What the certificate says of the source and the build; null for a key. */
  readonly source: SourceAnswer | null
  /** Null for a signature that states nothing. */
  readonly predicateType: string | null
  readonly times: readonly { readonly at: string; readonly by: 'log' | 'timestamp-authority' }[]
  readonly logEntries: readonly { readonly log: string; readonly index: string; readonly kind: string }[]
  readonly trustRoot: string | null
}

/** Who signed. */
export type SignerAnswer =
  | { readonly kind: 'certificate'; readonly identity: string; readonly issuer: string }
  | { readonly kind: 'key'; readonly digest: string }

/** Fulcio's claims, those that people ask for. */
export interface SourceAnswer {
  readonly repository: string | null
  readonly owner: string | null
  readonly ref: string | null
  readonly commit: string | null
  /** The workflow that signed. */
  readonly workflow: string | null
  readonly trigger: string | null
  readonly run: string | null
  readonly runner: string | null
}

/** What was proved, as it is printed. */
export function verifiedAnswer({
  signer,
  statement,
  times,
  logEntries,
  trustRoot,
}: Verified): VerifiedAnswer {
  return {
    signer: signerAnswer(signer),
    source: signer.kind === 'certificate' ? sourceAnswer(signer.claims) : null,
    predicateType: statement?.predicateType ?? null,
    times: times.map(({ at, by }) => ({ at: at.toISOString(), by })),
    logEntries: logEntries.map(({ log, index, kind }) => ({ log, index, kind })),
    trustRoot: trustRoot ?? null,
  }
}

function signerAnswer(signer: Signer): SignerAnswer {
  return signer.kind === 'key'
    ? { kind: 'key', digest: signer.keyDigest }
    : { kind: 'certificate', identity: signer.identity, issuer: signer.issuer }
}

function sourceAnswer(claims: CertificateClaims): SourceAnswer {
  return {
    repository: claims.sourceRepositoryUri ?? null,
    owner: claims.sourceRepositoryOwnerUri ?? null,
    ref: claims.sourceRepositoryRef ?? null,
    commit: claims.sourceRepositoryDigest ?? null,
    workflow: claims.buildSignerUri ?? null,
    trigger: claims.buildTrigger ?? null,
    run: claims.runInvocationUri ?? null,
    runner: claims.runnerEnvironment ?? null,
  }
}
