import { createPublicKey, type KeyObject } from 'node:crypto'
import { UsageError } from '../../errors/index.ts'

/** The curves of ECDSA keys, as node:crypto names them, that signatures may come from. */
const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1'])
const minRsaBits = 2048
const maxRsaBits = 8192

/** Why a key is not used, or undefined where it is: ECDSA P-256 and P-384, Ed25519, RSA of 2,048 to 8,192 bits. */
export function keyProblem({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ed25519') return undefined
  if (asymmetricKeyType === 'ec') {
    const curve = asymmetricKeyDetails?.namedCurve ?? 'unnamed'
    return curves.has(curve) ? undefined : `its curve is ${curve}, and P-256 and P-384 are used`
  }
  if (asymmetricKeyType !== 'rsa')
    return `it is of the type ${asymmetricKeyType ?? 'unknown'}, and ECDSA, Ed25519 and RSA are used`
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  return bits >= minRsaBits && bits <= maxRsaBits
    ? undefined
    : `it is an RSA key of ${bits} bits, and ${minRsaBits} to ${maxRsaBits} are used`
}

/**
 * Reads the public key of a policy.
 *
 * @param pem one `BEGIN PUBLIC KEY` block (SubjectPublicKeyInfo), as `cosign public-key` and openssl write it
 * @throws {UsageError} when it is anything else, or a kind of key that is not used.
 */
export function policyKey(pem: string): KeyObject {
  if (pem.length > 16 * 1024 || !/^\s*-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\s*$/.test(pem))
    throw new UsageError('Cannot use the key: it is not one PEM block "PUBLIC KEY"', {
      hint: 'openssl pkey -in KEY -pubout',
    })
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch (error) {
    throw new UsageError('Cannot use the key: it cannot be read', { cause: error })
  }
  const problem = keyProblem(key)
  if (problem !== undefined) throw new UsageError(`Cannot use the key: ${problem}`)
  return key
}
