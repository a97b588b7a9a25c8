import { createHash, randomBytes } from 'node:crypto'

export type Algorithm = 'sha256' | 'sha512'

/** Bytes and the digest that names them. */
export interface RandomContent {
  readonly digest: string
  readonly bytes: Uint8Array
}

/** Content that no registry has seen. */
export function randomContent(size: number, algorithm: Algorithm = 'sha256'): RandomContent {
  return namedContent(randomBytes(size), algorithm)
}

/** Bytes, named. */
export function namedContent(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): RandomContent {
  return { digest: `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`, bytes }
}
