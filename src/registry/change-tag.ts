import {
  NotFoundError,
  type OperationOptions,
  type TagChange,
  type TaggedManifest,
  UnavailableError,
} from '../content/index.ts'
import type { Digest } from '../oci/index.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { putManifest } from './push-manifest.ts'
import { type FetchedManifest, getManifest } from './read-manifest.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** How often a change that somebody else's change undid is made again. */
const mostTries = 20
/** The least milliseconds between writing and reading again, for those who do the same elsewhere. */
const othersWriteWithin = 200

/** Options of {@link changeTag}. */
export interface ChangeTagOptions extends OperationOptions {
  /** Waits some milliseconds; rejects when the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** Ends the sentence "Cannot …". */
  readonly doing: string
}

/**
 * Changes what a tag names. What others change at the same time stays: a write depends on the `ETag` where there is one,
 * and as many registries do not look at that, the tag is read again a little later, when the writes of those who had read
 * it before must have come, and changed again if one of them undid this change. They are given at least as long as twice
 * what reading and writing took here, and as long again whenever somebody else has written meanwhile.
 *
 * @param change is asked with what is there until it has nothing to change any more.
 * @throws {UnavailableError} when others keep undoing the change.
 */
export async function changeTag(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  name: string,
  change: TagChange,
  options: ChangeTagOptions,
): Promise<void> {
  /** What the tag named when it was looked at last, after the change was made. */
  let seen: Digest | undefined
  for (let tries = 0; tries < mostTries; tries += 1) {
    const began = performance.now()
    const current = await readTag(endpoint, memory, name, options)
    const wanted = await change(current)
    const isSettled = seen === undefined || seen === current?.descriptor.digest || tries === mostTries - 1
    if (wanted === undefined && isSettled) return
    seen = wanted === undefined ? current?.descriptor.digest : wanted.descriptor.digest
    if (wanted !== undefined) await writeTag(endpoint, memory, name, wanted, current?.etag, options)
    const patience = Math.max(othersWriteWithin, 2 * (performance.now() - began))
    await options.wait(patience * (1 + Math.random()), options.signal)
  }
  throw new UnavailableError(`Cannot ${options.doing}: others keep changing the tag ${name}`)
}

async function readTag(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  name: string,
  options: OperationOptions,
): Promise<FetchedManifest | undefined> {
  try {
    return await getManifest(endpoint, memory, name, options)
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

async function writeTag(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  name: string,
  { descriptor, bytes }: TaggedManifest,
  etag: string | undefined,
  options: ChangeTagOptions,
): Promise<void> {
  const condition = etag === undefined ? {} : { headers: { 'if-match': etag } }
  try {
    await putManifest(endpoint, memory, descriptor, bytes, name, { ...options, ...condition })
  } catch (error) {
    // Somebody was faster: what he wrote is read, and changed.
    if (error instanceof UnavailableError && (error.status === 412 || error.status === 409)) return
    throw error
  }
}
