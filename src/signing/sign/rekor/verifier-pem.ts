import { writePem } from '../keys/pem-block.ts'
import type { VerificationMaterial } from '../types.ts'

/** What Rekor v1 verifies a signature with: the PEM of a certificate or of a public key. */
export function verifierPem(material: VerificationMaterial): string {
  return material.kind === 'certificate'
    ? writePem('CERTIFICATE', material.certificate)
    : material.publicKeyPem
}
