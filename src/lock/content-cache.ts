import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectory, openTemporaryFile } from '../files/index.ts'
import { type Digest, digestAlgorithm, digestHex, digestOf, isDigest } from '../oci/index.ts'

/**
 * Keeps what was learnt from registries, so that a lock that is interrupted need not ask again: manifests and configs by digest, and
 * which digest a name had last. What is kept is a help and never an answer: bytes are held against their digest, and a name is asked for
 * again.
 */
export interface ContentCache {
  /** The bytes with this digest; undefined where they are not kept, or are not what they were. */
  get(digest: Digest): Promise<Buffer | undefined>
  put(digest: Digest, bytes: Uint8Array): Promise<void>
  /** The digest that a name had last. */
  lastDigest(name: string): Promise<Digest | undefined>
  noteDigest(name: string, digest: Digest): Promise<void>
  /** Drops what was written longest ago where there is much. */
  trim(): Promise<void>
}

/** Manifests and configs that are kept, and names; where there are more, the older half goes. */
const defaultMostFiles = 10_000

/**
 * A cache in a folder that may be deleted at any time. Nothing in it rejects: what cannot be read is not there, and what cannot be
 * written is left out.
 */
export function createContentCache(
  directory: string,
  { mostFiles = defaultMostFiles }: { readonly mostFiles?: number } = {},
): ContentCache {
  return {
    async get(digest) {
      const bytes = await read(blobPath(directory, digest))
      return bytes !== undefined && digestOf(bytes, digestAlgorithm(digest)) === digest ? bytes : undefined
    },
    put: (digest, bytes) => write(blobPath(directory, digest), bytes),
    async lastDigest(name) {
      const text = (await read(namePath(directory, name)))?.toString() ?? ''
      return isDigest(text) ? text : undefined
    },
    noteDigest: (name, digest) => write(namePath(directory, name), Buffer.from(digest)),
    async trim() {
      for (const folder of ['blobs/sha256', 'blobs/sha512', 'names'])
        await trimFolder(join(directory, folder), mostFiles)
    },
  }
}

/** A cache that keeps nothing. */
export const noCache: ContentCache = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  lastDigest: () => Promise.resolve(undefined),
  noteDigest: () => Promise.resolve(),
  trim: () => Promise.resolve(),
}

function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', digestAlgorithm(digest), digestHex(digest))
}

function namePath(directory: string, name: string): string {
  return join(directory, 'names', createHash('sha256').update(name).digest('hex'))
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch {
    return undefined
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const folder = dirname(path)
    await makeDirectory(folder)
    await using file = await openTemporaryFile(folder, { durable: false })
    await file.write(bytes)
    await file.commitAs(path)
  } catch {
    // A cache that cannot be written costs time later, and nothing else.
  }
}

async function trimFolder(folder: string, most: number): Promise<void> {
  try {
    const names = await readdir(folder)
    if (names.length <= most) return
    const files = names.map((name) => join(folder, name))
    const written = await Promise.all(files.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })))
    const oldest = written
      .toSorted((one, other) => one.at - other.at)
      .slice(0, files.length - Math.floor(most / 2))
    await Promise.all(oldest.map(({ path }) => rm(path, { force: true })))
  } catch {
    // Not there, or somebody else trims it.
  }
}
