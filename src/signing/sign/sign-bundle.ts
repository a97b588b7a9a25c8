import { createHash } from 'node:crypto'
import type { OperationOptions } from '../../content/index.ts'
import type { HashName } from '../bundle/read-bundle.ts'
import type { TrustMaterial } from '../trust/trust-material.ts'
import { checkContent } from './check-content.ts'
import { checkMadeBundle } from './check-made-bundle.ts'
import { envelopeOf } from './envelope.ts'
import { signedBytes } from './signed-bytes.ts'
import type { BundleSigner, MadeSignature, SignedContent, Witnesses } from './types.ts'
import { bundleMaterial } from './verification-material.ts'
import { witnessSignature } from './witness-signature.ts'

/** Options of {@link signBundle}. */
export interface SignBundleOptions extends OperationOptions {
  /**
   * What the bundle is verified under before anybody sees it. Without it only what a key signed and no log has seen is
   * verified.
   */
  readonly trust?: TrustMaterial | undefined
}

/** Nobody but those who verify by the signer's key knows of the signature. */
export const noWitnesses: Witnesses = { logs: [], timestampAuthorities: [] }

/**
 * Signs, has the witnesses see it, and gives a Sigstore bundle v0.3 as JSON
 * (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto), which was verified.
 *
 * @throws {NotVerifiedError} what was made does not verify: a service gave what it should not have given.
 * @throws {SigningServiceError} a certificate, entry or timestamp could not be had.
 * @example
 * const bundle = await signBundle({ kind: 'statement', payload }, signer, noWitnesses)
 */
export async function signBundle(
  content: SignedContent,
  signer: BundleSigner,
  witnesses: Witnesses,
  options: SignBundleOptions = {},
): Promise<unknown> {
  options.signal?.throwIfAborted()
  const artifact = checkContent(content)
  const made = await signer.sign(signedBytes(content), options)
  const { entries, timestamps } = await witnessSignature(content, made, witnesses, options)
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      ...bundleMaterial(made.material),
      ...(entries.length === 0 ? {} : { tlogEntries: entries }),
      ...(timestamps.length === 0
        ? {}
        : {
            timestampVerificationData: {
              rfc3161Timestamps: timestamps.map((one) => ({ signedTimestamp: base64(one) })),
            },
          }),
    },
    ...bundleContent(content, made),
  }
  await checkMadeBundle(bundle, artifact, made, options)
  return bundle
}

function bundleContent(content: SignedContent, made: MadeSignature): object {
  if (content.kind === 'statement') return { dsseEnvelope: envelopeOf(content.payload, made) }
  const digest = createHash(made.hash).update(content.bytes).digest('base64')
  return {
    messageSignature: {
      messageDigest: { algorithm: algorithms[made.hash], digest },
      signature: base64(made.signature),
    },
  }
}

const algorithms: Readonly<Record<HashName, string>> = {
  sha256: 'SHA2_256',
  sha384: 'SHA2_384',
  sha512: 'SHA2_512',
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
