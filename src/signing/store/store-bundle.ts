import { bytesBody, type OperationOptions, type Prober, type Pusher } from '../../content/index.ts'
import { type Descriptor, emptyDescriptor, emptyJson } from '../../oci/index.ts'
import { bundleArtifact } from './bundle-manifest.ts'

/** Options of {@link storeBundle}. */
export interface StoreBundleOptions extends OperationOptions {
  /** When it was made; default: the clock. */
  readonly created?: Date | undefined
}

/**
 * Stores a bundle as a referrer of an image, which need not be there itself. Where a registry has no referrers API the
 * push lists it under the fallback tag, in which all stay that several add at once.
 *
 * @param target the image's repository, another one, or a layout
 * @returns the descriptor of the manifest that holds the bundle.
 * @example
 * const { digest } = await storeBundle(repository, await repository.resolve('sha256:…'), bundle)
 */
export async function storeBundle(
  target: Pusher & Prober,
  subject: Descriptor,
  bundle: unknown,
  { created = new Date(), signal }: StoreBundleOptions = {},
): Promise<Descriptor> {
  signal?.throwIfAborted()
  const { layer, manifest } = bundleArtifact(bundle, subject, created)
  await Promise.all([
    pushEmptyConfig(target, { signal }),
    target.push(layer.descriptor, bytesBody(layer.bytes), { signal }),
  ])
  await target.push(manifest.descriptor, bytesBody(manifest.bytes), { signal })
  return manifest.descriptor
}

/** All artifacts have the same one: where it is, it is not disturbed. */
async function pushEmptyConfig(target: Pusher & Prober, options: OperationOptions): Promise<void> {
  if (!(await target.exists(emptyDescriptor, options)))
    await target.push(emptyDescriptor, bytesBody(emptyJson), options)
}
