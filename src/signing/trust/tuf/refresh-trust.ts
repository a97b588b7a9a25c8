import { dirname } from 'node:path'
import { LadingError } from '../../../errors/index.ts'
import { makeDirectory, withFileLock } from '../../../files/index.ts'
import type { Transport } from '../../../http/index.ts'
import { readTrustedRoots } from '../read-trusted-roots.ts'
import { TrustUpdateError } from './errors.ts'
import type { FollowedMetadata, ReadRepositoryFile } from './follow-metadata.ts'
import { keptMetadataPath, readKeptMetadata, writeKeptMetadata } from './kept-metadata.ts'
import { mirrorName, type TrustInstance } from './trust-instance.ts'
import { signingConfigTarget, trustedRootTarget } from './target-names.ts'

/** Options of {@link refreshTrust}. */
export interface RefreshTrustOptions {
  readonly transport: Transport
  /** The folder for what may be deleted at any time. */
  readonly cache: string
  readonly now?: Date
  /** The longest that it may take in all, so that a server that drips ends too; milliseconds, default two minutes. */
  readonly timeLimit?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Refreshes the trust root of an instance by The Update Framework, and keeps what it read for {@link keptTrust}. What is
 * kept stays as it was when this throws.
 *
 * @throws {TrustUpdateError} something is not signed, expired, went back, has other bytes than were signed, or did not come.
 */
export async function refreshTrust(instance: TrustInstance, options: RefreshTrustOptions): Promise<void> {
  const { cache, signal, timeLimit = 120_000 } = options
  signal?.throwIfAborted()
  const path = keptMetadataPath(cache, instance.mirror)
  await makeDirectory(dirname(path))
  await withFileLock(
    path,
    async () => {
      const limit = AbortSignal.timeout(timeLimit)
      const either = signal === undefined ? limit : AbortSignal.any([signal, limit])
      try {
        await refresh(instance, { ...options, signal: either })
      } catch (error) {
        signal?.throwIfAborted()
        if (limit.aborted) throw failure(instance, `it took more than ${timeLimit / 1000} seconds`, error)
        if (error instanceof TrustUpdateError) throw error
        throw failure(instance, error instanceof Error ? error.message : String(error), error)
      }
    },
    { signal },
  )
}

async function refresh(
  instance: TrustInstance,
  { transport, cache, now = new Date(), signal }: RefreshTrustOptions,
): Promise<void> {
  const { followMetadata } = await import('./follow-metadata.ts')
  const kept = await readKeptMetadata(cache, instance.mirror)
  const before = await provedBefore(instance, kept)
  const fetch = fetched(instance, transport, signal)
  const followed = await followMetadata(instance, {
    // Roots and targets never change under their names, so that those that were proved need not come again.
    read: async (path, limit) =>
      (before === undefined || !isFixed(path) ? undefined : kept?.files.get(path)) ?? fetch(path, limit),
    before,
    now,
    wanted: [trustedRootTarget, signingConfigTarget],
    signal,
  })
  const trustedRoot = followed.targets.get(trustedRootTarget)
  if (trustedRoot === undefined) throw new Error(`it publishes no ${trustedRootTarget}`)
  readTrustedRoots([{ name: mirrorName(instance.mirror), bytes: trustedRoot }])
  await writeKeptMetadata(cache, instance.mirror, { refreshed: now, files: followed.files }, signal)
}

/** Only what still proves itself holds back: anything else may as well have been deleted. */
async function provedBefore(
  instance: TrustInstance,
  kept: Awaited<ReturnType<typeof readKeptMetadata>>,
): Promise<FollowedMetadata | undefined> {
  const { provedByKept } = await import('./proved-by-kept.ts')
  try {
    return kept === undefined ? undefined : await provedByKept(instance, kept)
  } catch {
    return undefined
  }
}

function isFixed(path: string): boolean {
  return /^\d+\.root\.json$/.test(path) || /^targets\/[0-9a-f]{64,}\./.test(path)
}

function fetched(
  { mirror }: TrustInstance,
  transport: Transport,
  signal: AbortSignal | undefined,
): ReadRepositoryFile {
  return async (path, limit) => {
    const response = await transport.request({ method: 'GET', url: new URL(`${mirror}/${path}`), signal })
    if (response.status === 200) return response.bytes(limit)
    await response.discard()
    // Object stores answer 403 for what is not there.
    if (response.status === 404 || response.status === 403) return undefined
    throw new Error(`it answered ${response.status} for ${path}`)
  }
}

function failure({ mirror }: TrustInstance, problem: string, cause: unknown): TrustUpdateError {
  const hint = cause instanceof LadingError ? cause.hint : undefined
  return new TrustUpdateError(mirrorName(mirror), problem, { cause, hint })
}
