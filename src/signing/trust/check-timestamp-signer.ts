import { derChildren, objectIdentifier, readDer } from '../bundle/read-der.ts'
import { readCertificate } from '../bundle/read-certificate.ts'

const extendedKeyUsage = '2.5.29.37'
const timeStamping = '1.3.6.1.5.5.7.3.8'

/**
 * Checks that the certificate which signs timestamps is for that and for nothing else: its extended key usage is
 * critical and has the one purpose.
 *
 * @throws {Error} when it is not.
 * @see https://www.rfc-editor.org/rfc/rfc3161#section-2.3
 */
export function checkTimestampSigner(certificate: Buffer): void {
  const usage = readCertificate(certificate).extensions.get(extendedKeyUsage)
  const purposes = usage === undefined ? [] : derChildren(readDer(usage.value)).map(objectIdentifier)
  if (usage?.critical !== true || purposes.length !== 1 || purposes[0] !== timeStamping)
    throw new Error('a certificate of a time-stamping authority is not for timestamps alone')
}
