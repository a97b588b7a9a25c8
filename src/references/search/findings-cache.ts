import { InvalidReferenceError, parseReference } from '../../oci/index.ts'
import type { FileFindings, Occurrence, OccurrenceTarget } from '../occurrence.ts'
import type { RecordedFiles } from './recorded-files.ts'

/** Changes with every change of what finders find: entries of another version count for nothing. */
const finderVersion = 1

/** Entries that are kept. */
const mostEntries = 20_000

interface Entry {
  /** Other files that were read for it, with their digests; null where there was none. */
  readonly reads: Readonly<Record<string, string | null>>
  readonly findings: FileFindings
}

/**
 * What was found in files, by their paths and digests. It is the caller who keeps the text, in a cache of the user's own: it is
 * trusted, safe to delete, and damage only empties it. Entries that a search did not ask for are gone after it.
 */
export class FindingsCache {
  readonly #known: ReadonlyMap<string, Entry>
  readonly #kept = new Map<string, Entry>()
  #isChanged = false

  /** @param text What {@link FindingsCache.toText} gave. */
  constructor(text?: string) {
    this.#known = text === undefined ? new Map() : readEntries(text)
  }

  /** Whether it holds something else than it was made with. */
  get isChanged(): boolean {
    return this.#isChanged || this.#kept.size !== this.#known.size
  }

  toText(): string {
    return JSON.stringify({ version: finderVersion, entries: Object.fromEntries(this.#kept) })
  }

  /** What was found before, where all files that it depends on are as they were. */
  async get(key: string, files: RecordedFiles): Promise<FileFindings | undefined> {
    const entry = this.#known.get(key)
    if (entry === undefined) return undefined
    for (const [path, digest] of Object.entries(entry.reads)) {
      await files.read(path)
      if ((files.asked.get(path) ?? null) !== digest) return undefined
    }
    const findings = revive(entry.findings)
    if (findings !== undefined) this.#keep(key, entry)
    return findings
  }

  set(key: string, findings: FileFindings, files: RecordedFiles): void {
    const reads = Object.fromEntries([...files.asked].map(([path, digest]) => [path, digest ?? null]))
    this.#isChanged = true
    this.#keep(key, { reads, findings })
  }

  #keep(key: string, entry: Entry): void {
    if (this.#kept.size < mostEntries) this.#kept.set(key, entry)
  }
}

function readEntries(text: string): ReadonlyMap<string, Entry> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return new Map()
    if (!('version' in value) || value.version !== finderVersion) return new Map()
    if (!('entries' in value) || typeof value.entries !== 'object' || value.entries === null) return new Map()
    return new Map(Object.entries(value.entries).filter((pair): pair is [string, Entry] => isEntry(pair[1])))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return new Map()
  }
}

/** The version says what is inside; only what JSON cannot keep is made anew. */
function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  if (!('reads' in value) || typeof value.reads !== 'object' || value.reads === null) return false
  if (!('findings' in value) || typeof value.findings !== 'object' || value.findings === null) return false
  const { findings } = value
  return (
    'occurrences' in findings &&
    Array.isArray(findings.occurrences) &&
    'problems' in findings &&
    Array.isArray(findings.problems)
  )
}

function revive({ occurrences, problems }: FileFindings): FileFindings | undefined {
  try {
    return { occurrences: occurrences.map(reviveOccurrence), problems }
  } catch (error) {
    if (!(error instanceof InvalidReferenceError) && !(error instanceof TypeError)) throw error
    return undefined
  }
}

function reviveOccurrence(occurrence: Occurrence): Occurrence {
  return { ...occurrence, target: reviveTarget(occurrence.target) }
}

function reviveTarget(target: OccurrenceTarget): OccurrenceTarget {
  return target.kind === 'image'
    ? { kind: 'image', reference: parseReference(target.reference.canonical) }
    : target
}
