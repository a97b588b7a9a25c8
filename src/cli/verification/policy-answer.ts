import type { SatisfiedAnswer } from './satisfied-answer.ts'

/** What a project's rules said of an image. */
export interface PolicyAnswer {
  readonly file: string
  /** The pattern that decided; null where no rule is for the image. */
  readonly rule: string | null
  /** `verified` and `unsigned-allowed` are a yes; only the first says that somebody signed it. */
  readonly decision: 'verified' | 'unsigned-allowed' | 'refused' | 'no-rule'
  /** What the rule asks for and is there. */
  readonly fulfilled: readonly FulfilledAnswer[]
  /** What it asks for and is not there. */
  readonly missing: readonly string[]
}

/** Something that a rule asks for, with what fulfils it. */
interface FulfilledAnswer {
  readonly asked: string
  readonly satisfied: SatisfiedAnswer
}
