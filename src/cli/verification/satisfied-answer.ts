import type { VerifiedAnswer } from './verified-answer.ts'

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

/** Where evidence was found. */
export interface FoundAnswer {
  readonly at: 'referrer' | 'tag' | 'github' | 'file'
  /** The referrer's digest, the tag with its layer's digest, GitHub's owner with a number, the file with its line. */
  readonly detail: string
}
