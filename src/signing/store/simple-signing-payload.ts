import type { Digest } from '../../oci/index.ts'
import { cosignSignatureType } from '../policy/simple-signing.ts'

/** What a simple signing payload says of an image. */
export interface SimpleSigningParts {
  readonly digest: Digest
  /** What the image is said to be called: a repository's full name, or nothing. */
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * The payload that cosign's older signatures are over
 * (https://github.com/containers/image/blob/main/docs/containers-signature.5.md), as UTF-8 JSON.
 */
export function simpleSigningPayload({ digest, name, annotations }: SimpleSigningParts): Uint8Array {
  const critical = {
    identity: { 'docker-reference': name },
    image: { 'docker-manifest-digest': digest },
    type: cosignSignatureType,
  }
  const optional = Object.keys(annotations).length === 0 ? null : annotations
  return Buffer.from(JSON.stringify({ critical, optional }))
}
