import { builtInSeeds, publicGoodMirror, publicGoodName } from './built-in-seeds.ts'
import { builtInTrust } from './built-in-trust.ts'
import { TrustMaterial } from './trust-material.ts'
import { keptTrust } from './tuf/kept-trust.ts'
import { rememberedInstances } from './tuf/remembered-instances.ts'
import { mirrorName, type TrustInstance } from './tuf/trust-instance.ts'

/** Where trust roots are kept on this machine. */
export interface TrustFolders {
  /** For what may be deleted at any time: what was refreshed. */
  readonly cache: string
  /** For the user's settings: which instances were given. */
  readonly config: string
}

/** Where a trust root in use comes from. */
export interface UsedTrust {
  readonly name: string
  /** The repository by which it can be refreshed. */
  readonly mirror: string
  /** When it was refreshed; absent: built in. */
  readonly refreshed?: Date
  readonly trust: TrustMaterial
  /** The instance's signing config, where it publishes one and was refreshed. */
  readonly signingConfig?: Uint8Array
}

/**
 * The trust roots that are believed where none is named: the public-good instance, as it was last refreshed or else as it
 * is built in, and each instance that was given. No network. One that was given and never fetched is not among them.
 *
 * @throws {TrustUpdateError} what is kept of a refresh does not prove itself.
 */
export async function usedTrust({ cache, config }: TrustFolders): Promise<readonly UsedTrust[]> {
  const given = await rememberedInstances(config)
  const others = await Promise.all(
    given.map(async (instance): Promise<readonly UsedTrust[]> => {
      const name = mirrorName(instance.mirror)
      const kept = await keptTrust(instance, { cache, name })
      return kept === undefined ? [] : [{ name, mirror: instance.mirror, ...kept }]
    }),
  )
  return [await publicGood(cache), ...others.flat()]
}

/** What {@link usedTrust} gives, as one. */
export async function usualTrust(folders: TrustFolders): Promise<TrustMaterial> {
  const used = await usedTrust(folders)
  return new TrustMaterial(used.flatMap(({ trust }) => TrustMaterial.roots(trust)))
}

/** The public-good instance with the root that is built in. */
export async function publicGoodInstance(): Promise<TrustInstance> {
  return { mirror: publicGoodMirror, root: (await builtInSeeds()).root }
}

async function publicGood(cache: string): Promise<UsedTrust> {
  const kept = await keptTrust(await publicGoodInstance(), { cache, name: publicGoodName })
  const named = { name: publicGoodName, mirror: publicGoodMirror }
  return kept === undefined ? { ...named, trust: await builtInTrust() } : { ...named, ...kept }
}
