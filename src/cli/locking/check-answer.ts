import type { Finding } from '../../lock/index.ts'
import type { ErrorJson } from '../error-json.ts'

/** What `lading check` answers; `--json` prints it as it is. */
export interface CheckLockAnswer {
  /** The lock file. */
  readonly file: string
  /** Whether nothing was found that is an error. */
  readonly ok: boolean
  /** How many images the lock has. */
  readonly images: number
  readonly findings: readonly FindingAnswer[]
  /** What could not be told; absent where there is none. */
  readonly errors?: readonly ({ readonly image: string } & ErrorJson)[]
}

/** One finding, with a place in any case. */
export interface FindingAnswer {
  readonly rule: Finding['rule']
  readonly level: Finding['level']
  readonly image: string
  readonly message: string
  readonly hint: string | null
  /** From the folder of the project, with `/`. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length: number
}
