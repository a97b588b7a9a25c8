import { type FollowedMetadata, followMetadata } from './follow-metadata.ts'
import type { KeptMetadata } from './kept-metadata.ts'
import { signingConfigTarget, trustedRootTarget } from './target-names.ts'
import type { TrustInstance } from './trust-instance.ts'

/**
 * What the kept files prove, by the same walk that read them: from the root that is believed, signature by signature.
 * They may have expired since; they had not when they were refreshed, and the root that is built in never does.
 *
 * @throws {Error} when they do not prove it.
 */
export function provedByKept(
  instance: TrustInstance,
  { files, refreshed }: KeptMetadata,
): Promise<FollowedMetadata> {
  return followMetadata(instance, {
    read: (path, limit) => {
      const bytes = files.get(path)
      if (bytes !== undefined && bytes.length > limit) throw new Error(`${path} has more than ${limit} bytes`)
      return Promise.resolve(bytes)
    },
    now: refreshed,
    wanted: [trustedRootTarget, signingConfigTarget],
  })
}
