import { createHash, createPublicKey } from 'node:crypto'
import type { VerificationMaterial } from './types.ts'

/**
 * What a bundle says that it is verified with. The hint at a key is the base64 of the SHA-256 of its
 * SubjectPublicKeyInfo, as cosign and sigstore-go write it.
 */
export function bundleMaterial(material: VerificationMaterial): object {
  if (material.kind === 'certificate') {
    return { certificate: { rawBytes: Buffer.from(material.certificate).toString('base64') } }
  }
  const spki = createPublicKey(material.publicKeyPem).export({ format: 'der', type: 'spki' })
  return { publicKey: { hint: createHash('sha256').update(spki).digest('base64') } }
}
