import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { makeDirectory, writeFileAtomically } from '../../../files/index.ts'
import { base64Text } from '../../bundle/base64-text.ts'
import { mirrorName } from './trust-instance.ts'

/** What the last refresh of an instance read, as it is kept: nothing of it is believed because it is there. */
export interface KeptMetadata {
  /** When it was refreshed: the time at which nothing of it had expired. */
  readonly refreshed: Date
  /** Files of the repository by their paths. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

const largestFile = 64 * 1024 * 1024

const schema = v.object({
  mirror: v.string(),
  refreshed: v.pipe(v.string(), v.isoTimestamp()),
  files: v.record(v.string(), base64Text(8 * 1024 * 1024)),
})

/** The file of an instance below the folder of the cache. */
export function keptMetadataPath(cache: string, mirror: string): string {
  return join(cache, 'tuf', `${encodeURIComponent(mirrorName(mirror))}.json`)
}

/** What is kept of an instance; undefined where there is nothing, or nothing that can be read: it can be fetched anew. */
export async function readKeptMetadata(cache: string, mirror: string): Promise<KeptMetadata | undefined> {
  try {
    const bytes = await readFile(keptMetadataPath(cache, mirror))
    if (bytes.length > largestFile) return undefined
    const kept = v.parse(schema, JSON.parse(bytes.toString('utf8')))
    if (kept.mirror !== mirror) return undefined
    const files = Object.entries(kept.files).map(([path, text]): [string, Uint8Array] => [
      path,
      Buffer.from(text, 'base64'),
    ])
    return { refreshed: new Date(kept.refreshed), files: new Map(files) }
  } catch {
    return undefined
  }
}

/** Keeps what a refresh read: the one file appears whole or not at all. @throws {FileError} */
export async function writeKeptMetadata(
  cache: string,
  mirror: string,
  { refreshed, files }: KeptMetadata,
  signal?: AbortSignal,
): Promise<void> {
  const path = keptMetadataPath(cache, mirror)
  await makeDirectory(dirname(path))
  const encoded: Record<string, string> = {}
  for (const [name, bytes] of files) encoded[name] = Buffer.from(bytes).toString('base64')
  const json = { mirror, refreshed: refreshed.toISOString(), files: encoded }
  await writeFileAtomically(path, `${JSON.stringify(json)}\n`, { signal })
}
