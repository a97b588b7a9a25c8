import { notVerified } from '../errors.ts'
import type { CertificateClaims, Signer } from '../types.ts'
import type { ReadCertificate } from './read-certificate.ts'
import { derChildren, DerError, objectIdentifier, readDer } from './read-der.ts'

/**
 * Who a code-signing certificate is for: its one subject alternative name, its OIDC issuer, and Fulcio's other
 * extensions (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md).
 *
 * @throws {NotVerifiedError} of the check `certificate-purpose`: it has no or several names, no issuer, two issuers that
 * differ, a text that is not text, or it is not for signing code (RFC 5280 sections 4.2.1.3, .9 and .12).
 */
export function certificateSigner(certificate: ReadCertificate): Signer {
  try {
    checkPurpose(certificate)
    return {
      kind: 'certificate',
      identity: subjectAlternativeName(certificate),
      issuer: oidcIssuer(certificate),
      claims: claimsOf(certificate),
    }
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw notVerified('certificate-purpose', `the certificate is not for signing: ${error.message}`, error)
  }
}

function checkPurpose({ extensions }: ReadCertificate): void {
  for (const [identifier, { critical }] of extensions)
    if (critical && !understood.has(identifier))
      throw new DerError(`it has the critical extension ${identifier}, which nobody here knows`)
  const purposes = extensions.get('2.5.29.37')?.value
  if (
    purposes === undefined ||
    !derChildren(readDer(purposes)).some((one) => objectIdentifier(one) === codeSigning)
  )
    throw new DerError('its extended key usage is not code signing')
  const usage = extensions.get('2.5.29.15')?.value
  // A BIT STRING whose first bit, digitalSignature, is set.
  if (usage === undefined || ((readDer(usage).content[1] ?? 0) & 0x80) === 0)
    throw new DerError('its key usage is not digital signatures')
  const constraints = extensions.get('2.5.29.19')?.value
  if (constraints !== undefined && derChildren(readDer(constraints))[0]?.tag === 0x01)
    throw new DerError('it is the certificate of an authority')
}

/** Key usage, subject alternative name, basic constraints, extended key usage. */
const understood: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37'])
const codeSigning = '1.3.6.1.5.5.7.3.3'

function subjectAlternativeName({ extensions }: ReadCertificate): string {
  const value = extensions.get('2.5.29.17')?.value
  const [only, ...more] = value === undefined ? [] : derChildren(readDer(value))
  if (only === undefined || more.length > 0) throw new DerError('it must have one subject alternative name')
  if (only.tag === 0x81 || only.tag === 0x86) return asText(only.content, 'its subject alternative name')
  const [type, explicit] = only.tag === 0xa0 ? derChildren(only) : []
  if (type === undefined || explicit?.tag !== 0xa0 || objectIdentifier(type) !== fulcioUserName)
    throw new DerError('its subject alternative name is not a URI, an email address or a user name')
  return utf8String(readDer(explicit.content).whole, 'its subject alternative name')
}

const fulcioUserName = '1.3.6.1.4.1.57264.1.7'

function oidcIssuer({ extensions }: ReadCertificate): string {
  const older = extensions.get(`${fulcio}.1`)?.value
  const newer = extensions.get(`${fulcio}.8`)?.value
  const raw = older === undefined ? undefined : asText(older, 'its OIDC issuer')
  const issuer = newer === undefined ? raw : utf8String(newer, 'its OIDC issuer')
  if (issuer === undefined) throw new DerError('it names no OIDC issuer')
  if (raw !== undefined && raw !== issuer) throw new DerError('it names two OIDC issuers')
  return issuer
}

const fulcio = '1.3.6.1.4.1.57264.1'

function claimsOf({ extensions }: ReadCertificate): CertificateClaims {
  const claims: Partial<Record<keyof CertificateClaims, string>> = {}
  for (const [number, name] of rawClaims) {
    const value = extensions.get(`${fulcio}.${number}`)?.value
    if (value !== undefined) claims[name] = asText(value, name)
  }
  for (const [number, name] of derClaims) {
    const value = extensions.get(`${fulcio}.${number}`)?.value
    if (value !== undefined) claims[name] = utf8String(value, name)
  }
  return claims
}

/** The older extensions hold the text itself. */
const rawClaims: readonly (readonly [number, keyof CertificateClaims])[] = [
  [2, 'githubWorkflowTrigger'],
  [3, 'githubWorkflowSha'],
  [4, 'githubWorkflowName'],
  [5, 'githubWorkflowRepository'],
  [6, 'githubWorkflowRef'],
]

/** The newer extensions hold a DER UTF8String. */
const derClaims: readonly (readonly [number, keyof CertificateClaims])[] = [
  [9, 'buildSignerUri'],
  [10, 'buildSignerDigest'],
  [11, 'runnerEnvironment'],
  [12, 'sourceRepositoryUri'],
  [13, 'sourceRepositoryDigest'],
  [14, 'sourceRepositoryRef'],
  [15, 'sourceRepositoryId'],
  [16, 'sourceRepositoryOwnerUri'],
  [17, 'sourceRepositoryOwnerId'],
  [18, 'buildConfigUri'],
  [19, 'buildConfigDigest'],
  [20, 'buildTrigger'],
  [21, 'runInvocationUri'],
  [22, 'sourceRepositoryVisibility'],
]

function utf8String(der: Buffer, what: string): string {
  const { tag, content } = readDer(der)
  if (tag !== 0x0c) throw new DerError(`${what} is not a UTF8String`)
  return asText(content, what)
}

/** Text without control characters, which could make one name look like another. */
function asText(bytes: Buffer, what: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new DerError(`${what} is not UTF-8`, { cause: error })
  }
  if (text === '' || /\p{Cc}/u.test(text)) throw new DerError(`${what} is empty or has control characters`)
  return text
}
