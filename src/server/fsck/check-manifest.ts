import { type Digest, digestAlgorithm, digestOf } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { StoredRecord } from '../storage/records/record-store.ts'
import { blobKey, manifestKey, referrerKey, repositoryKey, useKey } from '../storage/registry/keys.ts'
import { decodeManifest } from '../storage/registry/manifest-record.ts'
import { type ReadManifest, readPushedManifest } from '../storage/registry/read-pushed-manifest.ts'
import { findHarm } from './find-harm.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

/** At most so many missing contents are named of one manifest. */
const maxMissing = 1000

/** Checks a manifest: its bytes against its digest, that the repository has what it names, and its edges. */
export async function checkManifest(
  context: FsckContext,
  record: StoredRecord,
  { repository, digest }: { readonly repository: RepositoryName; readonly digest: Digest },
): Promise<readonly Finding[]> {
  const { bytes, mediaType, condemned } = decodeManifest(record)
  const actual = digestOf(bytes, digestAlgorithm(digest))
  const harm = (): ReturnType<typeof findHarm> => findHarm(context, repository, { manifest: digest })
  if (actual !== digest) return [{ rule: 'manifest-damaged', repository, digest, actual, ...(await harm()) }]
  // It answers as missing, is being taken apart, and a push that brings it back brings all of it.
  if (condemned !== undefined) return []
  const manifest = readManifest(bytes, mediaType)
  if ('problem' in manifest) {
    const { problem } = manifest
    return [{ rule: 'manifest-unreadable', repository, digest, problem, ...(await harm()) }]
  }
  const findings: Finding[] = []
  const missing = await missingContent(context, repository, manifest)
  if (missing.length > 0)
    findings.push({ rule: 'manifest-incomplete', repository, digest, missing, ...(await harm()) })
  const edges = [
    ...manifest.needed.map((content) => useKey(repository, content.digest, digest)),
    ...(manifest.subject === undefined ? [] : [referrerKey(repository, manifest.subject, digest)]),
  ]
  for (const key of edges) {
    if ((await context.records.get(key)) === undefined) findings.push({ rule: 'edge-missing', key })
  }
  if ((await context.records.get(repositoryKey(repository))) === undefined)
    findings.push({ rule: 'repository-unlisted', repository })
  return findings
}

function readManifest(bytes: Uint8Array, mediaType: string): ReadManifest | { readonly problem: string } {
  try {
    return readPushedManifest(bytes, mediaType)
  } catch (error) {
    if (error instanceof ProtocolError) return { problem: error.message }
    throw error
  }
}

async function missingContent(
  { records }: FsckContext,
  repository: RepositoryName,
  { needed }: ReadManifest,
): Promise<readonly Digest[]> {
  const missing: Digest[] = []
  for (const { digest, mayBeManifest } of needed) {
    if (mayBeManifest && (await records.get(manifestKey(repository, digest))) !== undefined) continue
    if ((await records.get(blobKey(repository, digest))) === undefined) missing.push(digest)
    if (missing.length >= maxMissing) break
  }
  return missing
}
