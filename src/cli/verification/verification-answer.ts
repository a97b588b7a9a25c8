import type { PolicyAnswer } from './policy-answer.ts'
import type { VerifiedAnswer } from './verified-answer.ts'

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
  /** Where a project's rules were asked; `satisfied` is then the first that fulfils a part of a rule that is fulfilled. */
  readonly policy?: PolicyAnswer
}

/** Evidence that fulfils what was asked. All of it was verified. */
export interface SatisfiedAnswer extends VerifiedAnswer {
  /** Where it was found. */
  readonly found: FoundAnswer
  /** What was signed. */
  readonly signed: {
    readonly digest: string
    /** `index`: all platforms; `platform`: one manifest of the index; `manifest`: an image that stands alone. */
    readonly what: 'index' | 'platform' | 'manifest'
    readonly platform: string | null
  }
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
