import type { VerifiedAnswer } from './verified-answer.ts'

/** What `lading verify-blob` answers; `--json` prints it as it is. */
export interface BlobAnswer {
  /** As it was named. */
  readonly file: string
  /** Whether a bundle shows all that was asked for. */
  readonly verified: boolean
  readonly satisfied: (VerifiedAnswer & BlobPlace & { readonly digest: string }) | null
  /** The bundles that do not, with the first check that each failed; where the answer is yes, those that came before. */
  readonly rejected: readonly (BlobPlace & { readonly check: string; readonly reason: string })[]
}

interface BlobPlace {
  /** The file of the bundle, with its line. */
  readonly bundle: string
}
