import { signBundle, type SignBundleOptions } from '../sign/sign-bundle.ts'
import type { BundleSigner, SignedContent, Witnesses } from '../sign/types.ts'
import { type CosignLayer, cosignLayer } from './cosign-layer.ts'

/** A signature in both formats. */
export interface SignedCosignLayer {
  readonly bundle: unknown
  readonly layer: CosignLayer
}

/**
 * Signs for cosign's older format: a simple signing payload, or a statement. Time-stamping authorities are not asked
 * about statements, since the timestamps of older attestations are over something else.
 *
 * @throws what {@link signBundle} and {@link cosignLayer} throw.
 */
export async function signCosignLayer(
  content: SignedContent,
  signer: BundleSigner,
  witnesses: Witnesses,
  options: SignBundleOptions = {},
): Promise<SignedCosignLayer> {
  let chain: readonly Uint8Array[] = []
  const remembering: BundleSigner = {
    display: signer.display,
    async sign(bytes, signing) {
      const made = await signer.sign(bytes, signing)
      if (made.material.kind === 'certificate') ({ chain } = made.material)
      return made
    },
  }
  const asked = content.kind === 'statement' ? { ...witnesses, timestampAuthorities: [] } : witnesses
  const bundle = await signBundle(content, remembering, asked, options)
  const payload = content.kind === 'message' ? content.bytes : undefined
  return { bundle, layer: cosignLayer(bundle, { payload, chain }) }
}
