import { constants, type KeyObject, publicDecrypt } from 'node:crypto'
import { p256, p384 } from '@noble/curves/nist.js'
import type { HashName } from '../bundle/read-bundle.ts'

/**
 * Whether `signature` is `key`'s over the bytes whose digest is `digest`: ECDSA in DER (P-256, P-384) or RSA PKCS #1
 * v1.5. node:crypto hashes what it verifies, so it cannot be asked about bytes that only their digest is known of.
 */
export function verifyDigest(key: KeyObject, signature: Buffer, hash: HashName, digest: Buffer): boolean {
  if (key.asymmetricKeyType === 'ec') return verifyEcdsa(key, signature, digest)
  if (key.asymmetricKeyType === 'rsa') return verifyRsa(key, signature, hash, digest)
  return false
}

function verifyEcdsa(key: KeyObject, signature: Buffer, digest: Buffer): boolean {
  const { x, y } = key.export({ format: 'jwk' })
  if (x === undefined || y === undefined) return false
  const curve = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? p384 : p256
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  try {
    return curve.verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' })
  } catch {
    return false
  }
}

/** RFC 8017 section 8.2.2, with the encoding that section 9.2 makes of a digest. */
function verifyRsa(key: KeyObject, signature: Buffer, hash: HashName, digest: Buffer): boolean {
  let encoded: Buffer
  try {
    encoded = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature)
  } catch {
    return false
  }
  return encoded.equals(Buffer.concat([Buffer.from(digestInfo[hash], 'hex'), digest]))
}

/** DigestInfo up to the digest (RFC 8017 section 9.2, note 1). */
const digestInfo: Readonly<Record<HashName, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}
