import { type KeyObject, sign } from 'node:crypto'
import { signingHash } from './signing-hash.ts'

/** Signs bytes with the hash that goes with the key: ECDSA as DER, RSA by PKCS#1 v1.5, Ed25519 without a hash of ours. */
export function signBytes(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : signingHash(key), bytes, key)
}
