import type { Digest } from '../../../oci/index.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { decodeBlob, encodeBlob } from './blob-record.ts'
import { ChangeSet } from './change-set.ts'
import { findUser } from './find-user.ts'
import { blobKey, holderKey, queueKey } from './keys.ts'
import type { RemovalOutcome } from './remove-manifest.ts'
import type { StorageContext } from './storage-context.ts'
import { type Plan, writeUntilDone } from './write-until-done.ts'

const nothing = new Uint8Array()

/**
 * Takes a blob from a repository: it is condemned, and answers as missing; who uses it is looked at once more, since a
 * push whose check it passed before has written its edges by then; then it goes, and its content is queued.
 */
export async function removeBlob(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<RemovalOutcome> {
  const condemned = await writeUntilDone(context.records, () => planCondemning(context, repository, digest))
  if (condemned !== undefined) return condemned
  const user = await findUser(context, repository, digest)
  await writeUntilDone(context.records, () =>
    user === undefined
      ? planRemoval(context, repository, digest)
      : planRestoring(context, repository, digest),
  )
  return user === undefined ? { outcome: 'removed' } : { outcome: 'used', by: user }
}

/** Gives an outcome when nothing is to be done. */
async function planCondemning(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<Plan<RemovalOutcome | undefined>> {
  const record = await context.records.get(blobKey(repository, digest))
  const blob = record === undefined ? undefined : decodeBlob(record)
  if (record === undefined || blob === undefined || blob.condemned !== undefined)
    return { changes: [], result: { outcome: 'missing' } }
  const user = await findUser(context, repository, digest)
  if (user !== undefined) return { changes: [], result: { outcome: 'used', by: user } }
  const changes = new ChangeSet()
  changes.put(queueKey(context.now(), { kind: 'blob', repository, digest }), nothing)
  changes.swap(record.key, encodeBlob({ ...blob, condemned: context.now() }), record.version)
  return { changes: changes.list(), result: undefined }
}

async function planRemoval(
  { records, now }: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<Plan<undefined>> {
  const holder = await records.get(holderKey(digest, repository))
  const record = await records.get(blobKey(repository, digest))
  if (record === undefined || decodeBlob(record).condemned === undefined)
    return { changes: [], result: undefined }
  const changes = new ChangeSet()
  changes.put(queueKey(now(), { kind: 'content', digest }), nothing)
  changes.delete(record.key, record.version)
  if (holder !== undefined) changes.delete(holder.key, holder.version)
  return { changes: changes.list(), result: undefined }
}

async function planRestoring(
  { records, now }: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<Plan<undefined>> {
  const record = await records.get(blobKey(repository, digest))
  const blob = record === undefined ? undefined : decodeBlob(record)
  if (record === undefined || blob?.condemned === undefined) return { changes: [], result: undefined }
  const value = encodeBlob({ ...blob, since: now(), condemned: undefined })
  return { changes: [{ kind: 'put', key: record.key, value, expected: record.version }], result: undefined }
}
