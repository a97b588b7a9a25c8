import {
  attestationSubject,
  type Descriptor,
  formatPlatform,
  type ImageIndex,
  isAttestationEntry,
  type Platform,
  PlatformNotFoundError,
  selectPlatform,
} from '../oci/index.ts'

/**
 * The entry of an index for a platform.
 *
 * @param subject what was looked in, as a person reads it
 * @throws {PlatformNotFoundError} listing the platforms that there are
 */
export function platformEntry(
  entries: readonly Descriptor[],
  platform: Platform,
  subject: string,
): Descriptor {
  const entry = selectPlatform(entries, platform)
  if (entry !== undefined) return entry
  throw new PlatformNotFoundError(
    subject,
    formatPlatform(platform),
    entries.flatMap((other) =>
      other.platform === undefined || isAttestationEntry(other) ? [] : [formatPlatform(other.platform)],
    ),
  )
}

/**
 * The entries of an index for some platforms, in the index's order, with the attestations that belong to them.
 *
 * @throws {PlatformNotFoundError} for the first platform that there is no entry for.
 */
export function platformEntries(
  index: ImageIndex,
  platforms: readonly Platform[],
  subject: string,
): readonly Descriptor[] {
  const chosen = new Set(
    platforms.map((platform) => platformEntry(index.manifests, platform, subject).digest),
  )
  return index.manifests.filter((entry) => {
    if (chosen.has(entry.digest)) return true
    const attested = attestationSubject(entry)
    return attested !== undefined && chosen.has(attested)
  })
}
