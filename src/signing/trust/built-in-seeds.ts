import { InvalidTrustRootError } from '../errors.ts'

/** The name of the trust root that Lading brings, built in or refreshed. */
export const publicGoodName = 'sigstore public-good'

/** The repository of the public-good instance, by which the package names it too. */
export const publicGoodMirror = 'https://tuf-repo-cdn.sigstore.dev'

/** What @sigstore/tuf carries of the public-good instance. */
export interface BuiltInSeeds {
  /** The bytes of `root.json` and `trusted_root.json`. */
  readonly root: Uint8Array
  readonly trustedRoot: Uint8Array
}

/**
 * Reads `seeds.json` of the package @sigstore/tuf: no network.
 *
 * @throws {InvalidTrustRootError} when the package's file has another shape than it had.
 */
export async function builtInSeeds(): Promise<BuiltInSeeds> {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })
  const repositories: Readonly<Record<string, Seed>> = seeds
  const { 'root.json': root, targets } = repositories[publicGoodMirror] ?? {}
  const trustedRoot = targets?.['trusted_root.json']
  if (root === undefined || trustedRoot === undefined)
    throw new InvalidTrustRootError(publicGoodName, '@sigstore/tuf does not carry it where it did')
  return { root: Buffer.from(root, 'base64'), trustedRoot: Buffer.from(trustedRoot, 'base64') }
}

interface Seed {
  readonly 'root.json'?: string
  readonly targets?: Readonly<Record<string, string>>
}
