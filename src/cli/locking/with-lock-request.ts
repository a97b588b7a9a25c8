import { join } from 'node:path'
import { parseLocation } from '../../images/index.ts'
import { createContentCache, type ImageUse, type LockRequest } from '../../lock/index.ts'
import { parsePlatform } from '../../oci/index.ts'
import { cacheDirectory } from '../cache-directory.ts'
import type { CliContext } from '../context.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { count } from '../render/count.ts'
import { askGithub } from '../verification/evidence-sources.ts'
import type { TrustFlags } from '../verification/trust-flags.ts'
import { trustOf } from '../verification/trust-of.ts'
import { withPlaces } from '../with-places.ts'
import type { Project } from './open-project.ts'

/** Runs work with what looks images up, under the flags, the user's configuration and the project's; all is closed behind it. */
export async function withLockRequest(
  context: CliContext,
  flags: PlaceFlags & TrustFlags,
  { project, uses }: { readonly project: Project; readonly uses: readonly ImageUse[] },
  work: (request: Omit<LockRequest, 'before'>) => Promise<void>,
): Promise<void> {
  const { environment, signal } = context
  const locations = uses.map(({ reference }) => parseLocation(reference.canonical))
  const now = new Date()
  const cache = createContentCache(join(cacheDirectory(environment), 'lock'))
  await withPlaces(context, flags, locations, async ({ config, places, progress }) => {
    await work({
      uses,
      open: (reference) => places.registry.repository(reference),
      cache,
      signatures: {
        rules: project.rules,
        keys: project.keys,
        trust: once(() => trustOf(context, flags)),
        askGithub: ({ budget, owner, subject }) => askGithub(context, [subject], owner, budget),
        now,
      },
      proofs: project.proofs,
      platforms: project.settings.platforms?.map((text) => parsePlatform(text)),
      imagesAtOnce: Math.max(8, config.defaults?.requestsPerHost ?? 0),
      now,
      onEvent: ({ done, total }) => progress.onStep(`looked up ${done} of ${count(total, 'image')}`),
      signal,
    })
  })
  await cache.trim()
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}
