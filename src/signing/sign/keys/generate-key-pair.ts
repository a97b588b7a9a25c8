import { generateKeyPair as generate } from 'node:crypto'
import { promisify } from 'node:util'
import { writePem } from './pem-block.ts'
import { sealKey } from './sealed-key.ts'

/** A new pair of keys, as files. */
export interface GeneratedKeyPair {
  /** cosign's `ENCRYPTED SIGSTORE PRIVATE KEY`. */
  readonly privateKeyPem: string
  /** `PUBLIC KEY` (SubjectPublicKeyInfo). */
  readonly publicKeyPem: string
}

/**
 * Makes a pair of ECDSA P-256 keys, as `cosign generate-key-pair` does and reads.
 *
 * @param password of the private key; may be empty, which protects nothing
 */
export async function generateKeyPair({
  password,
}: {
  readonly password: string
}): Promise<GeneratedKeyPair> {
  const { privateKey, publicKey } = await promisify(generate)('ec', { namedCurve: 'P-256' })
  const sealed = await sealKey(privateKey.export({ format: 'der', type: 'pkcs8' }), password)
  return {
    privateKeyPem: writePem('ENCRYPTED SIGSTORE PRIVATE KEY', sealed),
    publicKeyPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }
}
