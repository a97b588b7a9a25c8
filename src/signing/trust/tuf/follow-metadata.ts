import { createHash } from 'node:crypto'
import type { Metadata, MetaFile, Root, TargetFile } from '@tufjs/models'
import {
  checkExpiry,
  checkSignatures,
  largestMetadata,
  type MetadataByRole,
  readMetadata,
} from './metadata.ts'
import type { TrustInstance } from './trust-instance.ts'

/**
 * Gives the file at a path below a repository, undefined where there is none.
 *
 * @param limit the most bytes that it may have; throws where it has more
 */
export type ReadRepositoryFile = (path: string, limit: number) => Promise<Uint8Array | undefined>

/** What a walk through a repository proved. */
export interface FollowedMetadata {
  /** Every file that was read, by its path: enough to walk the same way again. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The targets, by their names. */
  readonly targets: ReadonlyMap<string, Uint8Array>
  /** What may not go back the next time. */
  readonly timestamp: MetadataByRole['timestamp']
  readonly snapshot: MetadataByRole['snapshot']
}

/** How {@link followMetadata} works. */
export interface FollowOptions {
  readonly read: ReadRepositoryFile
  /** The time at which nothing may have expired. */
  readonly now: Date
  /** What was proved the last time: nothing may have a lower version than there. */
  readonly before?: FollowedMetadata | undefined
  /** The targets that are wanted; one that the repository does not have is left out. */
  readonly wanted: readonly string[]
  readonly signal?: AbortSignal | undefined
}

const maxRotations = 256
const largestTarget = 4 * 1024 * 1024

/**
 * Walks from a root that is believed to targets, as a client of The Update Framework does: each new root is signed by the
 * one before and by itself, the rest by the keys of the last root; versions never go back; lengths and hashes are those
 * that were signed. Delegations are not followed: Sigstore's instances have their trust root in the top-level targets.
 *
 * @throws {Error} whose message ends the sentence "cannot refresh: …"; whatever `read` throws.
 * @see https://theupdateframework.github.io/specification/v1.0.34/#detailed-client-workflow
 */
export async function followMetadata(
  instance: TrustInstance,
  options: FollowOptions,
): Promise<FollowedMetadata> {
  const { read, before, now, wanted, signal } = options
  const files = new Map<string, Uint8Array>()
  const readInto: ReadRepositoryFile = async (path, limit) => {
    signal?.throwIfAborted()
    const bytes = await read(path, limit)
    if (bytes !== undefined) files.set(path, bytes)
    return bytes
  }
  // 5.2, 5.3
  const root = await lastRoot(instance, readInto)
  checkExpiry('root', root, now)
  // 5.4
  const baseline = stillSigned(root, before)
  const timestamp = await readTimestamp(root, readInto, files, baseline)
  checkExpiry('timestamp', timestamp, now)
  // 5.5
  const { snapshotMeta } = timestamp.signed
  const snapshot = await readListed(root, 'snapshot', snapshotMeta, readInto)
  for (const [name, { version }] of Object.entries(baseline.snapshot?.signed.meta ?? {})) {
    const listed = ownValue(snapshot.signed.meta, name)
    if (listed === undefined) throw new Error(`its snapshot metadata no longer lists ${name}`)
    checkNotBack(name, listed.version, version)
  }
  checkExpiry('snapshot', snapshot, now)
  // 5.6
  const targetsMeta = ownValue(snapshot.signed.meta, 'targets.json')
  if (targetsMeta === undefined) throw new Error('its snapshot metadata does not list targets.json')
  const targets = await readListed(root, 'targets', targetsMeta, readInto)
  checkExpiry('targets', targets, now)
  // 5.7
  const contents = new Map<string, Uint8Array>()
  for (const name of wanted) {
    const target = ownValue(targets.signed.targets, name)
    if (target !== undefined) contents.set(name, await readTarget(name, target, root, readInto))
  }
  return { files, targets: contents, timestamp, snapshot }
}

async function lastRoot({ root: bytes }: TrustInstance, read: ReadRepositoryFile): Promise<Metadata<Root>> {
  let root = readMetadata('root', bytes)
  checkSignatures(root, 'root', root)
  for (let rotation = 0; rotation < maxRotations; rotation += 1) {
    const version = root.signed.version + 1
    const next = await read(`${version}.root.json`, largestMetadata.root)
    if (next === undefined) return root
    const candidate = readMetadata('root', next)
    checkSignatures(root, 'root', candidate)
    checkSignatures(candidate, 'root', candidate)
    if (candidate.signed.version !== version)
      throw new Error(`${version}.root.json is of version ${candidate.signed.version}`)
    root = candidate
  }
  throw new Error(`its root metadata has changed more than ${maxRotations} times`)
}

/** 5.3.11: what is no longer signed by the keys of the last root says nothing about versions. */
function stillSigned(
  root: Metadata<Root>,
  before: FollowedMetadata | undefined,
): Partial<Pick<FollowedMetadata, 'timestamp' | 'snapshot'>> {
  if (before === undefined) return {}
  const { timestamp, snapshot } = before
  try {
    checkSignatures(root, 'timestamp', timestamp)
    checkSignatures(root, 'snapshot', snapshot)
    return { timestamp, snapshot }
  } catch {
    return {}
  }
}

async function readTimestamp(
  root: Metadata<Root>,
  read: ReadRepositoryFile,
  files: Map<string, Uint8Array>,
  { timestamp: known }: Partial<Pick<FollowedMetadata, 'timestamp'>>,
): Promise<MetadataByRole['timestamp']> {
  const bytes = await read('timestamp.json', largestMetadata.timestamp)
  if (bytes === undefined) throw new Error('it has no timestamp.json')
  const timestamp = readMetadata('timestamp', bytes)
  checkSignatures(root, 'timestamp', timestamp)
  if (known === undefined) return timestamp
  checkNotBack('timestamp.json', timestamp.signed.version, known.signed.version)
  checkNotBack('snapshot.json', timestamp.signed.snapshotMeta.version, known.signed.snapshotMeta.version)
  if (timestamp.signed.version > known.signed.version) return timestamp
  // 5.4.3.1: the same version is the same metadata, whatever came.
  files.set('timestamp.json', Buffer.from(JSON.stringify(known.toJSON())))
  return known
}

async function readListed<Name extends 'snapshot' | 'targets'>(
  root: Metadata<Root>,
  role: Name,
  listed: MetaFile,
  read: ReadRepositoryFile,
): Promise<MetadataByRole[Name]> {
  const path = root.signed.consistentSnapshot ? `${listed.version}.${role}.json` : `${role}.json`
  const bytes = await read(path, Math.min(listed.length ?? largestMetadata[role], largestMetadata[role]))
  if (bytes === undefined) throw new Error(`it has no ${path}`)
  listed.verify(Buffer.from(bytes))
  const metadata = readMetadata(role, bytes)
  checkSignatures(root, role, metadata)
  if (metadata.signed.version !== listed.version)
    throw new Error(`${path} is of version ${metadata.signed.version}, and ${listed.version} is listed`)
  return metadata
}

async function readTarget(
  name: string,
  target: TargetFile,
  root: Metadata<Root>,
  read: ReadRepositoryFile,
): Promise<Uint8Array> {
  const hashes = Object.entries(target.hashes).filter(([algorithm]) => strongHashes.has(algorithm))
  const [first] = hashes
  if (first === undefined) throw new Error(`the target ${name} is listed without a SHA-256 or SHA-512`)
  const [, hash] = first
  if (!/^[0-9a-f]+$/.test(hash)) throw new Error(`the hash of the target ${name} is not hexadecimal`)
  const path = root.signed.consistentSnapshot ? `targets/${hash}.${name}` : `targets/${name}`
  if (target.length > largestTarget)
    throw new Error(`the target ${name} has more than ${largestTarget} bytes`)
  const bytes = await read(path, target.length)
  if (bytes === undefined) throw new Error(`it has no ${path}`)
  if (bytes.length !== target.length)
    throw new Error(`the target ${name} has ${bytes.length} bytes, and ${target.length} are listed`)
  for (const [algorithm, expected] of hashes)
    if (createHash(algorithm).update(bytes).digest('hex') !== expected)
      throw new Error(`the target ${name} has another ${algorithm} than the one that is listed`)
  return bytes
}

const strongHashes: ReadonlySet<string> = new Set(['sha256', 'sha512'])

function checkNotBack(name: string, version: number, known: number): void {
  if (version < known)
    throw new Error(`${name} went back from version ${known} to ${version}: an older state is being shown`)
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
