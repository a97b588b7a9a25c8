import { createHash, type KeyObject } from 'node:crypto'
import { parseDigest } from '../../oci/index.ts'
import { certificateSigner } from '../bundle/certificate-signer.ts'
import type { ReadBundle } from '../bundle/read-bundle.ts'
import { type ReadCertificate, readCertificate } from '../bundle/read-certificate.ts'
import { notVerified } from '../errors.ts'
import type { Signer } from '../types.ts'
import type { SignerMaterial } from './check-log-signer.ts'
import { keyProblem } from './public-key.ts'

/** Whose signature it should be, as the bundle or the policy says. */
export interface SignedBy {
  readonly key: KeyObject
  readonly material: SignerMaterial
  readonly certificate?: ReadCertificate
  /** Whom the answer names, once everything is proved. */
  readonly signer: Signer
}

/**
 * Whose signature a bundle says that it is; nothing of it is believed yet.
 *
 * @param wantedKey the policy's key, where it asks for one
 * @throws {NotVerifiedError} of the check `key`, `format` or `certificate-purpose`.
 */
export function signedBy({ certificate: der }: ReadBundle, wantedKey: KeyObject | undefined): SignedBy {
  if (wantedKey !== undefined) {
    if (der !== undefined) throw notVerified('key', 'it is signed with a certificate, and a key is asked for')
    const spki = wantedKey.export({ format: 'der', type: 'spki' })
    const keyDigest = parseDigest(`sha256:${createHash('sha256').update(spki).digest('hex')}`)
    return {
      key: wantedKey,
      material: { kind: 'key', spki },
      signer: { kind: 'key', keyDigest },
    }
  }
  if (der === undefined)
    throw notVerified('key', 'it is signed with a key, and the identity in a certificate is asked for')
  const certificate = readCertificate(der)
  const problem = keyProblem(certificate.publicKey)
  if (problem !== undefined) throw notVerified('key', `the certificate's key is not used: ${problem}`)
  return {
    key: certificate.publicKey,
    certificate,
    material: { kind: 'certificate', whole: certificate.whole },
    signer: certificateSigner(certificate),
  }
}
