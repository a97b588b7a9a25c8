import type { Digest } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { StoredBlob } from '../storage/registry/registry-storage.ts'
import type { ProtocolSettings } from './protocol-call.ts'

/** How many bytes a repository may still take: `Infinity` without a bound. */
export async function roomIn(settings: ProtocolSettings, repository: RepositoryName): Promise<number> {
  const { maxRepositoryBytes, storage } = settings
  if (maxRepositoryBytes === undefined) return Infinity
  return Math.max(0, maxRepositoryBytes - (await storage.repositories.usage(repository)))
}

/**
 * Adds something to a repository that has room for it; gives undefined, and adds nothing, where it has not. With a bound,
 * what comes to one repository is added one after the other: pushes that ran at the same time each saw what was there
 * before them, and would pass the bound together.
 *
 * @param bytesAdded how many bytes the repository holds more of it than now.
 */
export async function addInRoom<Added>(
  settings: ProtocolSettings,
  repository: RepositoryName,
  bytesAdded: () => Promise<number>,
  add: () => Promise<Added>,
): Promise<Added | undefined> {
  if (settings.maxRepositoryBytes === undefined) return add()
  return settings.additions.take(repository, async () => {
    const bytes = await bytesAdded()
    if (bytes > 0 && bytes > (await roomIn(settings, repository))) return undefined
    return add()
  })
}

/**
 * Makes an upload a blob of its repository. Where there is no room for it nothing of it is left.
 *
 * @throws {ProtocolError} DENIED with status 413, and what {@link Uploads.commit} throws.
 */
export async function commitInRoom(
  settings: ProtocolSettings,
  { repository, upload, digest }: UploadToCommit,
  signal: AbortSignal,
): Promise<StoredBlob> {
  const { blobs, uploads } = settings.storage
  const bytesAdded = async (): Promise<number> =>
    (await blobs.find(repository, digest)) === undefined
      ? ((await uploads.find(repository, upload))?.size ?? 0)
      : 0
  const blob = await addInRoom(settings, repository, bytesAdded, () =>
    uploads.commit(repository, upload, digest, { signal }),
  )
  if (blob !== undefined) return blob
  await uploads.cancel(repository, upload)
  throw repositoryFull()
}

/** An upload that has arrived whole, and the digest that it shall have. */
export interface UploadToCommit {
  readonly repository: RepositoryName
  readonly upload: string
  readonly digest: Digest
}

/** The answer to what a repository has no room for. */
export function repositoryFull(): ProtocolError {
  return new ProtocolError('DENIED', 'the repository is full', { status: 413 })
}
