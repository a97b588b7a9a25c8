import { LimitExceededError } from '../../content/index.ts'

/** The most signatures and attestations looked at for one answer, as cosign has it. */
export const mostEvidence = 1000
/** The most bytes of one bundle or envelope; SBOMs of large images have some megabytes. */
export const largestEvidence: number = 16 * 1024 * 1024
/** The most bytes of all of them together. */
const mostBytes = 128 * 1024 * 1024

/** Bounds what is taken into memory for one answer, however many places it comes from. */
export class EvidenceBudget {
  #count = 0
  #bytes = 0

  /**
   * Asks for room before something is read.
   *
   * @throws {LimitExceededError} when there is none: what was not looked at may be what was asked for, so that no answer can be given.
   */
  take(bytes: number): void {
    this.#count += 1
    this.#bytes += bytes
    if (this.#count > mostEvidence) throw tooMuch(`there are more than ${mostEvidence}`)
    if (this.#bytes > mostBytes) throw tooMuch(`they have more than ${mostBytes} bytes together`)
  }
}

function tooMuch(reason: string): LimitExceededError {
  return new LimitExceededError(`Cannot read the signatures and attestations: ${reason}`, {
    hint: 'Give the one that is meant: --bundle FILE',
  })
}
