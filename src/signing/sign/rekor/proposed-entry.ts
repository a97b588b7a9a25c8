import { createHash, createPublicKey } from 'node:crypto'
import { envelopeOf } from '../envelope.ts'
import { SigningKeyError } from '../errors.ts'
import type { MadeSignature, SignedContent } from '../types.ts'
import { verifierPem } from './verifier-pem.ts'

/** An entry as Rekor v1 takes it. */
export interface ProposedEntry {
  readonly kind: 'dsse' | 'hashedrekord'
  readonly apiVersion: '0.0.1'
  readonly spec: object
}

/**
 * What Rekor v1 is asked to log: of an envelope `dsse` 0.0.1, of bytes `hashedrekord` 0.0.1
 * (https://github.com/sigstore/rekor/tree/main/pkg/types).
 *
 * @throws {SigningKeyError} for bytes that Ed25519 signed: the log sees their hash alone, and cannot verify it.
 */
export function proposedEntry(content: SignedContent, made: MadeSignature): ProposedEntry {
  const verifier = Buffer.from(verifierPem(made.material)).toString('base64')
  if (content.kind === 'statement') {
    const envelope = JSON.stringify(envelopeOf(content.payload, made))
    const spec = { proposedContent: { envelope, verifiers: [verifier] } }
    return { kind: 'dsse', apiVersion: '0.0.1', spec }
  }
  if (isEd25519(made))
    throw new SigningKeyError(
      'this key',
      'the transparency log takes an Ed25519 signature over an envelope alone',
    )
  const value = createHash(made.hash).update(content.bytes).digest('hex')
  const signature = Buffer.from(made.signature).toString('base64')
  return {
    kind: 'hashedrekord',
    apiVersion: '0.0.1',
    spec: {
      data: { hash: { algorithm: made.hash, value } },
      signature: { content: signature, publicKey: { content: verifier } },
    },
  }
}

function isEd25519({ material }: MadeSignature): boolean {
  return material.kind === 'key' && createPublicKey(material.publicKeyPem).asymmetricKeyType === 'ed25519'
}
