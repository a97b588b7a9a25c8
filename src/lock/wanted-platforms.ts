import { type Digest, formatPlatform, normalizePlatform, parsePlatform, type Platform } from '../oci/index.ts'

type Platforms = Readonly<Record<string, Digest>>

/** The platforms of interest out of those that an image has; all where none is named. */
export function wantedPlatforms(platforms: Platforms, wanted: readonly Platform[] | undefined): Platforms {
  if (wanted === undefined) return platforms
  return Object.fromEntries(
    Object.entries(platforms).filter(([text]) => wanted.some((one) => means(one, text))),
  )
}

/** Whether these are the platforms of interest: nothing has to be read anew to know them. */
export function haveWanted(platforms: Platforms, wanted: readonly Platform[] | undefined): boolean {
  if (wanted === undefined) return true
  const texts = Object.keys(platforms)
  return (
    wanted.every((one) => texts.some((text) => means(one, text))) &&
    texts.every((text) => wanted.some((one) => means(one, text)))
  )
}

/** `windows/amd64` means every version of it. */
function means(wanted: Platform, text: string): boolean {
  const { architecture, os, osFeatures, osVersion, variant } = normalizePlatform(wanted)
  if (osVersion !== undefined || osFeatures !== undefined)
    return formatPlatform(normalizePlatform(wanted)) === text
  const platform = parsePlatform(text)
  return platform.os === os && platform.architecture === architecture && platform.variant === variant
}
