import { type Bundle, bundleFromJSON } from '@sigstore/bundle'
import * as v from 'valibot'
import { notVerified } from '../errors.ts'
import type { BundleDocument, LogEntryDocument } from './bundle-document.ts'
import { bundleSchema } from './bundle-schema.ts'
import { firstIssue } from './first-issue.ts'

/** The hashes that a signature over bytes may use, as node:crypto names them. */
export type HashName = 'sha256' | 'sha384' | 'sha512'

/** What the signature is over. */
export type SignedContent =
  | {
      readonly kind: 'message'
      readonly signature: Buffer
      readonly hash: HashName
      /** What the bundle says that it is about. A hint: nothing signs it. */
      readonly claimedDigest: Buffer
    }
  | {
      readonly kind: 'envelope'
      readonly signature: Buffer
      readonly payloadType: string
      readonly payload: Buffer
    }

/** A bundle in the shape that the checks need. */
export interface ReadBundle {
  readonly content: SignedContent
  /** The leaf certificate in DER; absent where the bundle only hints at a public key. */
  readonly certificate?: Buffer
  readonly logEntries: readonly LogEntryDocument[]
  /** The same for the engine, made of what was checked and nothing else. */
  readonly bundle: Bundle
}

/** The one payload type whose content is an in-toto statement. */
export const statementPayloadType = 'application/vnd.in-toto+json'

/**
 * Reads a bundle: its shape, then that its envelope is one that can be verified.
 *
 * @throws {NotVerifiedError} of the check `format` or `envelope`.
 */
export function readBundle(json: unknown): ReadBundle {
  const result = v.safeParse(bundleSchema, json, { abortEarly: true })
  if (!result.success) throw notVerified('format', `the bundle cannot be read: ${firstIssue(result.issues)}`)
  const document = result.output
  const content = contentOf(document)
  const certificate = certificateOf(document)
  return {
    content,
    ...(certificate === undefined ? {} : { certificate }),
    logEntries: document.verificationMaterial.tlogEntries ?? [],
    bundle: engineBundle(document),
  }
}

function contentOf({ messageSignature, dsseEnvelope }: BundleDocument): SignedContent {
  const message = messageSignature ?? undefined
  const envelope = dsseEnvelope ?? undefined
  if (message !== undefined && envelope === undefined) {
    const { algorithm, digest } = message.messageDigest
    return {
      kind: 'message',
      signature: Buffer.from(message.signature, 'base64'),
      hash: hashNames[algorithm],
      claimedDigest: Buffer.from(digest, 'base64'),
    }
  }
  if (message !== undefined || envelope === undefined)
    throw notVerified('format', 'the bundle must hold one of messageSignature and dsseEnvelope')
  if (envelope.payloadType !== statementPayloadType)
    throw notVerified(
      'envelope',
      `the envelope holds ${JSON.stringify(envelope.payloadType)}, not a statement (${statementPayloadType})`,
    )
  const [only, ...more] = envelope.signatures
  if (only === undefined || more.length > 0)
    throw notVerified(
      'envelope',
      `the envelope must have one signature; it has ${envelope.signatures.length}`,
    )
  return {
    kind: 'envelope',
    signature: Buffer.from(only.sig, 'base64'),
    payloadType: envelope.payloadType,
    payload: Buffer.from(envelope.payload, 'base64'),
  }
}

const hashNames = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' } as const

function certificateOf({ verificationMaterial }: BundleDocument): Buffer | undefined {
  const { x509CertificateChain, certificate, publicKey } = verificationMaterial
  const given = [x509CertificateChain, certificate, publicKey].filter(
    (one) => (one ?? undefined) !== undefined,
  )
  if (given.length !== 1)
    throw notVerified('format', 'the bundle must hold one of certificate, x509CertificateChain and publicKey')
  const leaf = certificate ?? x509CertificateChain?.certificates[0]
  return leaf === undefined ? undefined : Buffer.from(leaf.rawBytes, 'base64')
}

/** Each version has rules of its own (a promise, a proof, no chain), which the engine's reader holds. */
function engineBundle(document: BundleDocument): Bundle {
  try {
    return bundleFromJSON(document)
  } catch (error) {
    throw notVerified(
      'format',
      `the bundle is not whole as ${document.mediaType}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
}
