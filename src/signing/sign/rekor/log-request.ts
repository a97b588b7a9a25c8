import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { SigningKeyError } from '../errors.ts'
import { envelopeOf } from '../envelope.ts'
import { signedBytes } from '../signed-bytes.ts'
import type { MadeSignature, SignedContent, VerificationMaterial } from '../types.ts'

/** What Rekor v2 is asked, and the kind of entry that it makes of it. */
export interface LogRequest {
  readonly kind: 'hashedrekord' | 'dsse'
  readonly body: object
}

/**
 * A request to Rekor v2 (https://github.com/sigstore/rekor-tiles/blob/main/CLIENTS.md). An envelope is logged by the
 * hash of its encoding, as `hashedrekord`; the kind `dsse` is deprecated there, and left for Ed25519, of which no hash
 * can be verified.
 *
 * @throws {SigningKeyError} for bytes that Ed25519 signed, and for RSA keys of sizes that the log does not name.
 */
export function logRequest(content: SignedContent, made: MadeSignature): LogRequest {
  const verifier = verifierOf(made.material)
  if (verifier.keyDetails === 'PKIX_ED25519') {
    if (content.kind === 'message') throw unlogged('takes an Ed25519 signature over an envelope alone')
    const envelope = envelopeOf(content.payload, made)
    return { kind: 'dsse', body: { dsseRequestV002: { envelope, verifiers: [verifier] } } }
  }
  const digest = createHash(made.hash).update(signedBytes(content)).digest('base64')
  const signature = { content: Buffer.from(made.signature).toString('base64'), verifier }
  return { kind: 'hashedrekord', body: { hashedRekordRequestV002: { digest, signature } } }
}

interface Verifier {
  readonly keyDetails: string
  readonly x509Certificate?: { readonly rawBytes: string }
  readonly publicKey?: { readonly rawBytes: string }
}

function verifierOf(material: VerificationMaterial): Verifier {
  if (material.kind === 'certificate') {
    const { publicKey } = new X509Certificate(material.certificate)
    const rawBytes = Buffer.from(material.certificate).toString('base64')
    return { keyDetails: keyDetails(publicKey), x509Certificate: { rawBytes } }
  }
  const publicKey = createPublicKey(material.publicKeyPem)
  const rawBytes = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  return { keyDetails: keyDetails(publicKey), publicKey: { rawBytes } }
}

/** `PublicKeyDetails` of https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_common.proto. */
function keyDetails({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'ed25519') return 'PKIX_ED25519'
  if (asymmetricKeyType === 'ec')
    return asymmetricKeyDetails?.namedCurve === 'secp384r1'
      ? 'PKIX_ECDSA_P384_SHA_384'
      : 'PKIX_ECDSA_P256_SHA_256'
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  if (asymmetricKeyType === 'rsa' && (bits === 2048 || bits === 3072 || bits === 4096))
    return `PKIX_RSA_PKCS1V15_${bits}_SHA256`
  throw unlogged(`takes RSA keys of 2,048, 3,072 and 4,096 bits, and this one has ${bits}`)
}

function unlogged(reason: string): SigningKeyError {
  return new SigningKeyError('this key', `the transparency log ${reason}`)
}
