import type { TrustMaterial as EngineTrust } from '@sigstore/verify'

/** A certificate as the engine has it. */
export type EngineCertificate = EngineTrust['certificateAuthorities'][number]['certChain'][number]

/**
 * Lets a certificate remember what the engine asks of it again and again: its bytes, which it writes anew of what it
 * read, and whether another certificate signed it. Both follow from the two certificates alone and never change; a path
 * is still sought, and held to the time, for each signature. Without this three quarters of a verification are the
 * same certificates of authorities written and verified anew (11 to 15 ms, of which 3 to 6 remain).
 *
 * @param certificate is changed in place, and must not be changed by anybody afterwards
 */
export function keepCertificate(certificate: EngineCertificate): void {
  const verify = certificate.verify.bind(certificate)
  const verdicts = new WeakMap<EngineCertificate, boolean>()
  keepBytes(certificate.tbsCertificate)
  keepBytes(certificate['root'])
  const { publicKey } = certificate
  Object.defineProperties(certificate, {
    publicKey: { value: publicKey },
    verify: {
      value: (issuer: EngineCertificate = certificate): boolean => {
        const known = verdicts.get(issuer)
        if (known !== undefined) return known
        const verdict = verify(issuer)
        verdicts.set(issuer, verdict)
        return verdict
      },
    },
  })
}

function keepBytes(value: { toDER(): Buffer }): void {
  const bytes = value.toDER()
  Object.defineProperty(value, 'toDER', { value: () => bytes })
}
