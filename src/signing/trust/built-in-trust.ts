import { builtInSeeds, publicGoodName } from './built-in-seeds.ts'
import { readTrustedRoots } from './read-trusted-roots.ts'
import type { TrustMaterial } from './trust-material.ts'

/**
 * The public-good instance of Sigstore as @sigstore/tuf carries it (`seeds.json`), read from the package: no network.
 *
 * @throws {InvalidTrustRootError} when the package's file has another shape than it had.
 */
export async function builtInTrust(): Promise<TrustMaterial> {
  const { trustedRoot } = await builtInSeeds()
  return readTrustedRoots([{ name: publicGoodName, bytes: trustedRoot }])
}
