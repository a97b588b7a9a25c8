import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import type { OperationOptions } from '../../../content/index.ts'
import type { Transport } from '../../../http/index.ts'
import { certificateSigner } from '../../bundle/certificate-signer.ts'
import { readCertificate } from '../../bundle/read-certificate.ts'
import { NotVerifiedError } from '../../errors.ts'
import { SigningServiceError } from '../errors.ts'
import { IdentityToken } from '../identity/identity-token.ts'
import { pemBlocks } from '../keys/pem-block.ts'
import { signBytes } from '../keys/sign-bytes.ts'
import { askService, refused, type ServiceRequest } from '../services/ask-service.ts'
import { readAnswer } from '../services/read-answer.ts'
import { below } from '../services/service-url.ts'

/** A certificate for a key, and those between it and the root. */
export interface SigningCertificate {
  /** DER. */
  readonly certificate: Buffer
  readonly chain: readonly Buffer[]
  /** The name in it: a URI, an email address or Fulcio's user name. */
  readonly identity: string
  readonly issuer: string
  readonly notAfter: Date
}

/** Options of {@link requestCertificate}. */
export interface CertificateRequestOptions extends OperationOptions {
  readonly fulcio: URL
  readonly transport: Transport
  readonly now: () => Date
}

const largestAnswer = 256 * 1024

/** How far the clock of this machine and the authority's may be apart; milliseconds. */
const clockTolerance = 5 * 60 * 1000

/**
 * Asks Fulcio for a certificate (https://github.com/sigstore/fulcio/blob/main/fulcio.proto). The token goes to Fulcio and
 * nowhere else. What comes back is for this key, valid now, and for signing code; who issued it is verified with the
 * bundle.
 *
 * @throws {SigningServiceError}
 */
export async function requestCertificate(
  privateKey: KeyObject,
  token: IdentityToken,
  options: CertificateRequestOptions,
): Promise<SigningCertificate> {
  const request = certificateRequest(privateKey, token, options)
  const answer = await askService(request)
  if (answer.status === 400 || answer.status === 401 || answer.status === 403)
    throw refused(
      request,
      answer,
      'The token may have expired, or be of an issuer that this authority does not take.',
    )
  if (answer.status !== 200 && answer.status !== 201) throw refused(request, answer)
  const { signedCertificateEmbeddedSct } = readAnswer(answerSchema, request, answer)
  const blocks = signedCertificateEmbeddedSct.chain.certificates.flatMap((pem) => pemBlocks(pem) ?? [])
  const [certificate, ...chain] = blocks
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ bytes }) => bytes)
  if (certificate === undefined)
    throw new SigningServiceError(`Cannot ${request.doing}: the answer holds no certificate`)
  return { certificate, chain, ...checkCertificate(certificate, privateKey, request.doing, options.now()) }
}

function certificateRequest(
  privateKey: KeyObject,
  token: IdentityToken,
  { fulcio, transport, signal }: CertificateRequestOptions,
): ServiceRequest {
  const content = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString()
  const proofOfPossession = signBytes(privateKey, Buffer.from(token.principal)).toString('base64')
  return {
    transport,
    doing: `get a signing certificate for ${token.principal} from ${fulcio.host}`,
    method: 'POST',
    url: below(fulcio, '/api/v2/signingCert'),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        credentials: { oidcIdentityToken: IdentityToken.textOf(token) },
        publicKeyRequest: { publicKey: { algorithm: 'ECDSA', content }, proofOfPossession },
      }),
    ),
    repeatable: true,
    limit: largestAnswer,
    signal,
  }
}

/** A timestamp outside of the certificate (`signedCertificateDetachedSct`) fits into no bundle, and is not taken. */
const answerSchema = v.object({
  signedCertificateEmbeddedSct: v.object({
    chain: v.object({
      certificates: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(10)),
    }),
  }),
})

function checkCertificate(
  certificate: Buffer,
  privateKey: KeyObject,
  doing: string,
  now: Date,
): Pick<SigningCertificate, 'identity' | 'issuer' | 'notAfter'> {
  const read = readOrRefuse(certificate, doing)
  if (!read.publicKey.equals(createPublicKey(privateKey)))
    throw new SigningServiceError(`Cannot ${doing}: the certificate is for another key`)
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  if (
    validFromDate.getTime() > now.getTime() + clockTolerance ||
    validToDate.getTime() < now.getTime() - clockTolerance
  )
    throw new SigningServiceError(
      `Cannot ${doing}: the certificate is valid from ${validFromDate.toISOString()} to ${validToDate.toISOString()}, and not now`,
      { hint: 'Is the clock of this machine right?' },
    )
  return { identity: read.identity, issuer: read.issuer, notAfter: validToDate }
}

function readOrRefuse(
  certificate: Buffer,
  doing: string,
): { readonly publicKey: KeyObject; readonly identity: string; readonly issuer: string } {
  try {
    const read = readCertificate(certificate)
    const signer = certificateSigner(read)
    if (signer.kind !== 'certificate') throw new TypeError('A certificate names an identity')
    return { publicKey: read.publicKey, identity: signer.identity, issuer: signer.issuer }
  } catch (error) {
    if (!(error instanceof NotVerifiedError)) throw error
    throw new SigningServiceError(`Cannot ${doing}: ${error.failure.message}`, { cause: error })
  }
}
