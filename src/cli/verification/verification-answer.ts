import type { PolicyAnswer } from './policy-answer.ts'
import type { FoundAnswer, SatisfiedAnswer } from './satisfied-answer.ts'

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

/** Evidence that does not fulfil what was asked. */
export interface RejectedAnswer {
  readonly found: FoundAnswer
  readonly check: string
  readonly reason: string
}
