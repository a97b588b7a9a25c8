import { createPublicKey } from 'node:crypto'
import type { OperationOptions } from '../../../content/index.ts'
import type { BundleSigner } from '../types.ts'
import { type PrivateKeySource, readPrivateKey } from './read-private-key.ts'
import { signBytes } from './sign-bytes.ts'
import { signingHash } from './signing-hash.ts'

/**
 * A signer by a private key, which is read, and its password asked for, at once.
 *
 * @throws {SigningKeyError} the key cannot be used.
 * @example
 * const signer = await keySigner({ pem, name: 'cosign.key', password: () => env['COSIGN_PASSWORD'] ?? '' })
 */
export async function keySigner(
  source: PrivateKeySource,
  options: OperationOptions = {},
): Promise<BundleSigner> {
  options.signal?.throwIfAborted()
  const key = await readPrivateKey(source)
  const publicKeyPem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()
  return {
    display: source.name,
    sign(bytes, { signal } = {}) {
      signal?.throwIfAborted()
      return Promise.resolve({
        signature: signBytes(key, bytes),
        hash: signingHash(key),
        material: { kind: 'key', publicKeyPem },
      })
    },
  }
}
