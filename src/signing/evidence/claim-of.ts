import { certificateSigner } from '../bundle/certificate-signer.ts'
import { readBundle } from '../bundle/read-bundle.ts'
import { readCertificate } from '../bundle/read-certificate.ts'
import { readStatement } from '../bundle/read-statement.ts'
import { NotVerifiedError } from '../errors.ts'
import type { CertificateClaims } from '../types.ts'
import type { EvidenceContent } from './evidence.ts'

/** Who says to have signed, and what. **Anybody can claim anything**: nothing of it is verified. */
export interface Claim {
  /** Undefined for a signature by a key, which claims no name. */
  readonly signer:
    | { readonly identity: string; readonly issuer: string; readonly claims: CertificateClaims }
    | undefined
  /** Undefined for a signature that states nothing. */
  readonly predicateType: string | undefined
}

/** What evidence claims; undefined where it cannot be read. */
export function claimOf(content: EvidenceContent): Claim | undefined {
  if (content.kind === 'unreadable') return undefined
  try {
    const { certificate, content: signed } = readBundle(content.bundle)
    const signer = certificate === undefined ? undefined : certificateSigner(readCertificate(certificate))
    const predicateType = signed.kind === 'envelope' ? readStatement(signed.payload).predicateType : undefined
    return { signer: signer?.kind === 'certificate' ? signer : undefined, predicateType }
  } catch (error) {
    if (error instanceof NotVerifiedError) return undefined
    throw error
  }
}
