import { createHash, type Hash } from 'node:crypto'
import { InvalidDigestError } from './errors.ts'

declare const digestBrand: unique symbol

/** A digest in its canonical text `algorithm:hex`, checked: sha256 with 64 or sha512 with 128 lower-case hex digits. */
export type Digest = string & { readonly [digestBrand]: true }

/** The algorithms that the OCI image specification registers and Lading computes. */
export type DigestAlgorithm = 'sha256' | 'sha512'

const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Says whether `text` is a digest that Lading can verify. */
export function isDigest(text: string): text is Digest {
  return digestPattern.test(text)
}

/**
 * Reads a digest.
 *
 * @throws {InvalidDigestError} naming what is wrong: no colon, unknown algorithm, wrong length, not lower-case hex.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new InvalidDigestError(text, digestProblem(text))
}

/** The algorithm of a digest. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

/** The hexadecimal part of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice(7)
}

/** The digest of bytes that are in memory. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return createDigester(algorithm).update(bytes).digest()
}

/** Computes the digest of bytes as they pass. */
export interface Digester {
  update(bytes: Uint8Array): this
  /** The digest of all bytes so far; the digester cannot be used afterwards. */
  digest(): Digest
}

/** A new {@link Digester}. */
export function createDigester(algorithm: DigestAlgorithm = 'sha256'): Digester {
  return new HashDigester(algorithm)
}

class HashDigester implements Digester {
  readonly #algorithm: DigestAlgorithm
  readonly #hash: Hash

  constructor(algorithm: DigestAlgorithm) {
    this.#algorithm = algorithm
    this.#hash = createHash(algorithm)
  }

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes)
    return this
  }

  digest(): Digest {
    return parseDigest(`${this.#algorithm}:${this.#hash.digest('hex')}`)
  }
}

function digestProblem(text: string): string {
  const colon = text.indexOf(':')
  if (colon < 0) return 'there is no ":" between algorithm and hex'
  const algorithm = text.slice(0, colon)
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    return `the algorithm ${JSON.stringify(algorithm)} is not sha256 or sha512`
  const expected = algorithm === 'sha256' ? 64 : 128
  const hex = text.slice(colon + 1)
  if (hex.length !== expected) return `${algorithm} has ${expected} hex digits, here are ${hex.length}`
  return 'the hex digits must be 0-9 and lower-case a-f'
}
