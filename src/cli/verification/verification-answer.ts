/** What `lading verify` answers; `--json` prints it as it is. What is not known is null. */
export interface VerificationAnswer {
  /** As it was named. */
  readonly image: string
  /** `NAME@DIGEST`. */
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  /** Whether something fulfils all that was asked. */
  readonly verified: boolean
  /** What fulfils it. */
  readonly satisfied: SatisfiedAnswer | null
  /** What was looked at and does not, with the first check that it failed; where the answer is yes, only what came before. */
  readonly rejected: readonly RejectedAnswer[]
}

/** Evidence that fulfils what was asked. All of it was verified. */
export interface SatisfiedAnswer {
  /** Where it was found. */
  readonly found: FoundAnswer
  /** What was signed. */
  readonly signed: {
    readonly digest: string
    /** `index`: all platforms; `platform`: one manifest of the index; `manifest`: an image that stands alone. */
    readonly what: 'index' | 'platform' | 'manifest'
    readonly platform: string | null
  }
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

/** Evidence that does not fulfil what was asked. */
export interface RejectedAnswer {
  readonly found: FoundAnswer
  readonly check: string
  readonly reason: string
}

/** Where evidence was found. */
export interface FoundAnswer {
  readonly at: 'referrer' | 'tag' | 'github' | 'file'
  /** The referrer's digest, the tag with its layer's digest, GitHub's owner with a number, the file with its line. */
  readonly detail: string
}
