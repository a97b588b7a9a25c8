import { readTrustedRoots } from '../read-trusted-roots.ts'
import type { TrustMaterial } from '../trust-material.ts'
import { TrustUpdateError } from './errors.ts'
import { readKeptMetadata } from './kept-metadata.ts'
import { signingConfigTarget, trustedRootTarget } from './target-names.ts'
import { mirrorName, type TrustInstance } from './trust-instance.ts'

/** A trust root as it was refreshed. */
export interface KeptTrust {
  readonly trust: TrustMaterial
  readonly refreshed: Date
  /** The bytes of the instance's signing config, where it publishes one. */
  readonly signingConfig?: Uint8Array
}

/**
 * The trust root of an instance as it was last refreshed, proved again from the root that is believed: no network.
 * Undefined where it was never refreshed.
 *
 * @param name as answers give it
 * @throws {TrustUpdateError} what is kept does not prove itself.
 */
export async function keptTrust(
  instance: TrustInstance,
  { cache, name }: { readonly cache: string; readonly name: string },
): Promise<KeptTrust | undefined> {
  const kept = await readKeptMetadata(cache, instance.mirror)
  if (kept === undefined) return undefined
  // Loaded only here: it takes 20 ms, and most machines never refreshed.
  const { provedByKept } = await import('./proved-by-kept.ts')
  try {
    const { targets } = await provedByKept(instance, kept)
    const bytes = targets.get(trustedRootTarget)
    if (bytes === undefined) throw new Error(`it holds no ${trustedRootTarget}`)
    const signingConfig = targets.get(signingConfigTarget)
    return {
      trust: readTrustedRoots([{ name, bytes }]),
      refreshed: kept.refreshed,
      ...(signingConfig === undefined ? {} : { signingConfig }),
    }
  } catch (error) {
    const problem = `what is kept of it does not prove itself: ${error instanceof Error ? error.message : String(error)}`
    throw new TrustUpdateError(mirrorName(instance.mirror), problem, {
      cause: error,
      hint: 'lading trust update',
    })
  }
}
