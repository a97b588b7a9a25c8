import { X509Certificate } from 'node:crypto'

/** A certificate's subject on one line: `O=sigstore.dev, CN=sigstore`. */
export function certificateName(der: Uint8Array): string {
  return new X509Certificate(der).subject.split('\n').join(', ')
}
