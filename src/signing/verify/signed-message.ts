import { createHash, type KeyObject, verify } from 'node:crypto'
import type { SignedEntity } from '@sigstore/verify'
import { preAuthenticationEncoding } from '../bundle/pre-authentication-encoding.ts'
import type { SignedContent } from '../bundle/read-bundle.ts'
import { ArtifactBytesNeededError } from '../errors.ts'
import type { ReadArtifact } from './read-artifact.ts'
import { verifyDigest } from './verify-digest.ts'

type EngineSignature = SignedEntity['signature']
type Message = Extract<SignedContent, { kind: 'message' }>
type Envelope = Extract<SignedContent, { kind: 'envelope' }>

/**
 * A signature over bytes, for the engine: it stands on the artifact's own digest, never on the one that the bundle
 * claims, and needs no bytes but for Ed25519.
 *
 * @throws {ArtifactBytesNeededError} from `verifySignature`, where Ed25519 signed and only a digest is known.
 */
export function signedMessage(
  { signature, hash }: Message,
  { digests, bytes }: Pick<ReadArtifact, 'digests' | 'bytes'>,
): EngineSignature {
  const digest = digests.get(hash)
  return {
    signature,
    compareSignature: (other) => other.equals(signature),
    // Entries of the kinds `dsse` and `intoto` ask this; they are about envelopes.
    compareDigest: () => false,
    compareSignedDigest: (other) => digest?.equals(other) === true,
    verifySignature(key) {
      if (key.asymmetricKeyType !== 'ed25519')
        return digest !== undefined && verifyDigest(key, signature, hash, digest)
      if (bytes === undefined) throw new ArtifactBytesNeededError()
      return verify(null, bytes, key, signature)
    },
  }
}

/** A signature over an envelope (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md), for the engine. */
export function signedEnvelope({ payloadType, payload, signature }: Envelope): EngineSignature {
  const encoded = preAuthenticationEncoding(payloadType, payload)
  return {
    signature,
    compareSignature: (other) => other.equals(signature),
    compareDigest: (other) => createHash('sha256').update(payload).digest().equals(other),
    compareSignedDigest: (other) => digestOfLength(encoded, other.length)?.equals(other) === true,
    verifySignature: (key) => hashesFor(key).some((hash) => verify(hash, encoded, key, signature)),
  }
}

/** P-384 signs SHA-384 with some clients and SHA-256 with others; Ed25519 does its own hashing. */
function hashesFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly (string | null)[] {
  if (asymmetricKeyType === 'ed25519') return [null]
  return asymmetricKeyDetails?.namedCurve === 'secp384r1' ? ['sha384', 'sha256'] : ['sha256']
}

function digestOfLength(bytes: Buffer, length: number): Buffer | undefined {
  const hash = { 32: 'sha256', 48: 'sha384', 64: 'sha512' }[length]
  return hash === undefined ? undefined : createHash(hash).update(bytes).digest()
}
