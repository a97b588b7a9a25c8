import type { KeyObject } from 'node:crypto'
import type { HashName } from '../../bundle/read-bundle.ts'

/**
 * The hash that goes with a key by Sigstore's registry of algorithms
 * (https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md): SHA-384 for P-384, else SHA-256.
 * Ed25519 hashes by itself; what a bundle says of bytes that it signed is their SHA-256.
 */
export function signingHash({ asymmetricKeyDetails }: KeyObject): HashName {
  return asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256'
}
