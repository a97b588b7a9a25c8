import { LimitExceededError, type ReferrersOptions } from '../content/index.ts'
import type { Descriptor, Digest } from '../oci/index.ts'
import type { LayoutEntry } from './layout-index.ts'
import type { ManifestLinks } from './manifest-links.ts'

const manifestLimit = 100_000

/**
 * Finds what refers to `subject` in a layout: manifests whose `subject` it is, among the entries and in the
 * indexes below them, which covers the index that a fallback tag `sha256-<hex>` names (distribution-spec,
 * "Referrers Tag Schema").
 *
 * @param links What a manifest points to; undefined for anything else.
 */
export async function listReferrers(
  entries: readonly LayoutEntry[],
  subject: Digest,
  links: (descriptor: Descriptor) => Promise<ManifestLinks | undefined>,
  options: ReferrersOptions,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = []
  const seen = new Set<Digest>()
  const waiting = entries.map(({ descriptor }) => descriptor)
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    options.signal?.throwIfAborted()
    if (seen.has(next.digest)) continue
    if (seen.size >= manifestLimit)
      throw new LimitExceededError(`Cannot list referrers: there are more than ${manifestLimit} manifests`)
    seen.add(next.digest)
    const manifest = await links(next)
    if (manifest === undefined) continue
    if (manifest.subject === subject) found.push(manifest.descriptor)
    waiting.push(...manifest.manifests)
  }
  return found
    .filter(({ artifactType }) => options.artifactType === undefined || artifactType === options.artifactType)
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
}
