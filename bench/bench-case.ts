import type { Row } from './report.ts'

/** What every case may use. */
export interface BenchContext {
  /** Measured rounds; each case may take fewer when one round takes long. */
  readonly rounds: number
  /** A folder for this run, removed at its end. */
  readonly folder: string
  /** A folder that stays: for what takes long to make. */
  readonly cache: string
  /** Says what goes on, to the terminal. */
  readonly say: (text: string) => void
}

/** One comparison. */
export interface BenchCase {
  /** As typed: `npm run bench copy-large`. */
  readonly name: string
  readonly run: (context: BenchContext) => Promise<readonly Row[]>
}
