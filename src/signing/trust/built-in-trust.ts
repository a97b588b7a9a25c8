import { InvalidTrustRootError } from '../errors.ts'
import { TrustMaterial } from './trust-material.ts'
import { trustRootOf } from './trust-root-of.ts'

/** The name of the trust root that Lading brings. */
const builtInName = 'sigstore public-good'

/**
 * The public-good instance of Sigstore as @sigstore/tuf carries it (`seeds.json`), read from the package: no network.
 *
 * @throws {InvalidTrustRootError} when the package's file has another shape than it had.
 */
export async function builtInTrust(): Promise<TrustMaterial> {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })
  const repositories: Readonly<Record<string, { targets?: Readonly<Record<string, string>> }>> = seeds
  const encoded = repositories['https://tuf-repo-cdn.sigstore.dev']?.targets?.['trusted_root.json']
  if (encoded === undefined)
    throw new InvalidTrustRootError(builtInName, '@sigstore/tuf does not carry it where it did')
  return new TrustMaterial([
    trustRootOf(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')), builtInName),
  ])
}
