import type { Descriptor } from './descriptor.ts'
import { isAttestationEntry } from './manifest.ts'
import { normalizePlatform, type Platform } from './platform.ts'
import { matchWindowsVersion, parseWindowsVersion } from './windows-version.ts'

/** Options of {@link selectPlatform}. */
export interface SelectPlatformOptions {
  /** Take the wanted architecture and variant only, nothing older that runs there too; default false. */
  readonly exact?: boolean | undefined
}

/**
 * The entry of an index that suits `wanted` best, by containerd's rules (`platforms.Only`): the variant itself, else the
 * nearest older one (arm v8 to v5, amd64 v4 to v1, arm64 v9.x to v8), then what the processor runs besides (386 on amd64, arm
 * on arm64). On Windows the versions must get along, and the newest is taken. Of equals the first counts. Attestations and entries
 * without a platform are never selected.
 *
 * @returns undefined when no entry suits.
 */
export function selectPlatform(
  entries: readonly Descriptor[],
  wanted: Platform,
  options: SelectPlatformOptions = {},
): Descriptor | undefined {
  const newestFirst = wanted.os.toLowerCase() === 'windows' && wanted.osVersion !== undefined
  let best: { readonly entry: Descriptor; readonly rank: number; readonly build: number } | undefined
  for (const entry of entries) {
    if (entry.platform === undefined || isAttestationEntry(entry)) continue
    const rank = platformRank(wanted, entry.platform)
    if (rank === undefined || (options.exact === true && rank > 0)) continue
    const build = newestFirst ? (parseWindowsVersion(entry.platform.osVersion)?.build ?? 0) : 0
    if (best === undefined || rank < best.rank || (rank === best.rank && build > best.build))
      best = { entry, rank, build }
  }
  return best?.entry
}

/** How far a platform is from the wanted one: 0 is the same, undefined does not run there. Not for outside this folder. */
export function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const host = normalizePlatform(wanted)
  const image = normalizePlatform(offered)
  if (host.os !== image.os) return undefined
  if (host.os === 'windows' && !matchWindowsVersion(host.osVersion, image.osVersion)) return undefined
  if (!(image.osFeatures ?? []).every((feature) => host.osFeatures?.includes(feature))) return undefined
  return processorRank(host.architecture, host.variant ?? '', image.architecture, image.variant ?? '')
}

/** After every variant of the architecture itself. */
const otherArchitecture = 1000

function processorRank(
  architecture: string,
  variant: string,
  offered: string,
  offeredVariant: string,
): number | undefined {
  if (architecture === offered && variant === offeredVariant) return 0
  switch (architecture) {
    case 'amd64':
      if (offered === 'amd64') return distance(level(variant || 'v1'), level(offeredVariant || 'v1'), 1)
      return offered === '386' && offeredVariant === '' ? otherArchitecture : undefined
    case 'arm':
      return offered === 'arm' ? distance(level(variant), level(offeredVariant), 5) : undefined
    case 'arm64': {
      if (offered === 'arm64') return arm64Rank(variant || 'v8', offeredVariant || 'v8')
      const arm = offered === 'arm' ? distance(8, level(offeredVariant), 5) : undefined
      return arm === undefined ? undefined : otherArchitecture + arm
    }
    default:
      return undefined
  }
}

/** The number of a variant `v3`. */
function level(variant: string): number | undefined {
  const digits = /^v(\d{1,2})$/.exec(variant)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function distance(host: number | undefined, image: number | undefined, oldest: number): number | undefined {
  if (host === undefined || image === undefined || image < oldest || image > host) return undefined
  return host - image
}

/** Armv9.x holds all of Armv8.(x+5), as Arm's architecture reference says; nearer versions come first. */
function arm64Rank(variant: string, offered: string): number | undefined {
  const host = armVersion(variant)
  const image = armVersion(offered)
  if (host === undefined || image === undefined) return undefined
  if (host.major === image.major) return image.minor <= host.minor ? host.minor - image.minor : undefined
  if (host.major !== 9 || image.major !== 8 || image.minor > host.minor + 5) return undefined
  return host.minor + 1 + (host.minor + 5 - image.minor)
}

function armVersion(variant: string): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor = '0'] = /^v([89])(?:\.(\d))?$/.exec(variant) ?? []
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) }
}
