import { createPublicKey, type KeyObject } from 'node:crypto'
import { notVerified } from '../errors.ts'
import { type DerValue, derChildren, DerError, objectIdentifier, readDer } from './read-der.ts'

/** An extension as it stands in the certificate (RFC 5280 section 4.2). */
export interface CertificateExtension {
  readonly critical: boolean
  /** What is inside the octet string. */
  readonly value: Buffer
}

/** What a certificate says, read from its bytes and believed by nobody yet. */
export interface ReadCertificate {
  /** All of it, DER. */
  readonly whole: Buffer
  /** The issuer's distinguished name, DER. */
  readonly issuerName: Buffer
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer
  readonly publicKey: KeyObject
  /** By object identifier; each stands there once. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>
}

/**
 * Reads an X.509 v3 certificate (RFC 5280 section 4.1).
 *
 * @param whole DER, with nothing behind it
 * @throws {NotVerifiedError} of the check `format`: it is not one, both statements of its signature algorithm differ,
 * or an extension stands in it twice.
 */
export function readCertificate(whole: Buffer): ReadCertificate {
  try {
    return readFields(whole)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw notVerified('format', `the certificate cannot be read: ${error.message}`, error)
  }
}

function readFields(whole: Buffer): ReadCertificate {
  const [toBeSigned, algorithm, signature, ...more] = derChildren(expectTag(readDer(whole), sequenceTag))
  if (toBeSigned === undefined || algorithm === undefined || signature === undefined || more.length > 0)
    throw new DerError('it is not a certificate')
  if (signature.tag !== 0x03 || signature.content[0] !== 0)
    throw new DerError('it is not signed in whole bytes')
  const [version, , signedAlgorithm, issuer, , , key, ...rest] = derChildren(
    expectTag(toBeSigned, sequenceTag),
  )
  if (version?.whole.equals(version3) !== true || issuer === undefined || key === undefined)
    throw new DerError('it is not an X.509 v3 certificate')
  if (signedAlgorithm?.whole.equals(algorithm.whole) !== true)
    throw new DerError('it names two signature algorithms')
  const extensions = rest.find(({ tag }) => tag === 0xa3)
  return {
    whole,
    issuerName: issuer.whole,
    spki: key.whole,
    publicKey: readKey(key.whole),
    extensions: readExtensions(extensions),
  }
}

const sequenceTag = 0x30
const version3 = Buffer.from('a003020102', 'hex')

function readKey(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch (error) {
    throw new DerError('its public key cannot be read', { cause: error })
  }
}

function readExtensions(field: DerValue | undefined): ReadonlyMap<string, CertificateExtension> {
  const [list, ...more] = field === undefined ? [] : derChildren(field)
  if (list === undefined || more.length > 0) throw new DerError('it has no extensions')
  const found = new Map<string, CertificateExtension>()
  for (const extension of derChildren(expectTag(list, sequenceTag))) {
    const parts = derChildren(expectTag(extension, sequenceTag))
    const [name, value] = [parts[0], parts.at(-1)]
    const critical = parts.length === 3 ? parts[1] : undefined
    if (name === undefined || value?.tag !== 0x04 || parts.length < 2 || parts.length > 3)
      throw new DerError('an extension cannot be read')
    if (critical !== undefined && !critical.whole.equals(derTrue))
      throw new DerError('an extension cannot be read')
    const identifier = objectIdentifier(name)
    if (found.has(identifier)) throw new DerError(`the extension ${identifier} stands in it twice`)
    found.set(identifier, { critical: critical !== undefined, value: value.content })
  }
  return found
}

const derTrue = Buffer.from('0101ff', 'hex')

function expectTag(value: DerValue, tag: number): DerValue {
  if (value.tag !== tag) throw new DerError('it has another structure')
  return value
}
