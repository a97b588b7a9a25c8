import { createDigester, type Descriptor, type Digester, digestAlgorithm } from '../oci/index.ts'
import { DamagedContentError } from './errors.ts'

/**
 * Holds bytes against a descriptor as they pass, each byte once and in order.
 *
 * A transfer that is resumed keeps its verifier and hands it only what it has not seen yet.
 */
export class ContentVerifier {
  readonly #descriptor: Descriptor
  readonly #digester: Digester
  #seen = 0

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor
    this.#digester = createDigester(digestAlgorithm(descriptor.digest))
  }

  /** Bytes seen so far. */
  get seen(): number {
    return this.#seen
  }

  /** @throws {DamagedContentError} when there are more bytes than the descriptor says. */
  update(bytes: Uint8Array): void {
    this.#seen += bytes.length
    if (this.#seen > this.#descriptor.size) {
      throw new DamagedContentError(
        `Cannot accept ${this.#descriptor.digest}: there are more than the ${this.#descriptor.size} bytes that its descriptor says`,
      )
    }
    this.#digester.update(bytes)
  }

  /** Ends the check. @throws {DamagedContentError} unless size and digest agree. */
  finish(): void {
    const { digest, size } = this.#descriptor
    if (this.#seen !== size) {
      throw new DamagedContentError(
        `Cannot accept ${digest}: it ends after ${this.#seen} of the ${size} bytes that its descriptor says`,
      )
    }
    const actual = this.#digester.digest()
    if (actual !== digest) {
      throw new DamagedContentError(`Cannot accept ${digest}: the bytes have the digest ${actual}`)
    }
  }
}
