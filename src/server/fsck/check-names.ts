import type { Digest } from '../../oci/index.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { StoredRecord } from '../storage/records/record-store.ts'
import { decodeBlob, decodeContent } from '../storage/registry/blob-record.ts'
import { contentKey, holderKey, manifestKey, repositoryKey, tagOfKey } from '../storage/registry/keys.ts'
import { decodeManifest } from '../storage/registry/manifest-record.ts'
import { decodeTag } from '../storage/registry/tag-record.ts'
import { decodeUpload } from '../storage/registry/upload-record.ts'
import { findHarm } from './find-harm.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

/** Checks a tag: that its manifest is there, and its edge. */
export async function checkTag(
  { records }: FsckContext,
  record: StoredRecord,
  { repository, tag }: { readonly repository: RepositoryName; readonly tag: string },
): Promise<readonly Finding[]> {
  const { digest } = decodeTag(record)
  const manifest = await records.get(manifestKey(repository, digest))
  const findings: Finding[] = []
  if (manifest === undefined || isCondemned(manifest))
    findings.push({ rule: 'tag-without-manifest', repository, tag, digest })
  const edge = tagOfKey(repository, digest, tag)
  if ((await records.get(edge)) === undefined) findings.push({ rule: 'edge-missing', key: edge })
  return findings
}

/** Checks that a repository's blob has its content, and its edge. */
export async function checkBlob(
  context: FsckContext,
  record: StoredRecord,
  { repository, digest }: { readonly repository: RepositoryName; readonly digest: Digest },
): Promise<readonly Finding[]> {
  const { records } = context
  const blob = decodeBlob(record)
  const stored = await records.get(contentKey(digest))
  const content = stored === undefined ? undefined : decodeContent(stored)
  const findings: Finding[] = []
  if (content?.key !== blob.key || content.size !== blob.size) {
    const harm = await findHarm(context, repository, { content: digest })
    findings.push({ rule: 'blob-without-content', repository, digest, ...harm })
  }
  const edge = holderKey(digest, repository)
  if ((await records.get(edge)) === undefined) findings.push({ rule: 'edge-missing', key: edge })
  if (blob.condemned === undefined && (await records.get(repositoryKey(repository))) === undefined)
    findings.push({ rule: 'repository-unlisted', repository })
  return findings
}

/** Checks that an upload that goes on has its file. */
export async function checkUpload(
  { blobs }: FsckContext,
  record: StoredRecord,
  { repository, id }: { readonly repository: RepositoryName; readonly id: string },
): Promise<readonly Finding[]> {
  const { upload, committed } = decodeUpload(record)
  if (committed !== undefined || (await blobs.uploadSize(upload)) !== undefined) return []
  return [{ rule: 'upload-without-file', repository, id }]
}

/** A record that cannot be read is found where it is checked itself. */
function isCondemned(record: StoredRecord): boolean {
  try {
    return decodeManifest(record).condemned !== undefined
  } catch {
    return false
  }
}
