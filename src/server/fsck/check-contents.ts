import type { StoredRecord } from '../storage/records/record-store.ts'
import { decodeContent } from '../storage/registry/blob-record.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { parseKey, prefixes } from '../storage/registry/keys.ts'
import { listAll } from '../storage/registry/list-all.ts'
import type { ContentTotals, PhaseOptions } from './check-records.ts'
import type { ContentChecker, ExpectedContent } from './content-checker.ts'
import { findHarmOfContent } from './find-harm.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

interface ContentsOptions extends PhaseOptions {
  readonly checker: ContentChecker
  readonly totals: ContentTotals
}

/** Reads the bytes of every content, some at a time. */
export async function* checkContents(
  context: FsckContext,
  { signal, onProgress, counts, checker, totals }: ContentsOptions,
): AsyncGenerator<Finding, void, void> {
  const running = new Set<Promise<void>>()
  const found: Finding[] = []
  let failure: { readonly error: unknown } | undefined
  const tell = (): void =>
    onProgress?.({
      phase: 'contents',
      contents: counts.contents,
      totalContents: totals.contents,
      bytes: counts.bytes,
      totalBytes: totals.bytes,
    })
  const onBytes = (count: number): void => {
    counts.bytes += count
    tell()
  }
  const ended = new AbortController()
  const both = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
  try {
    for await (const record of listAll(context.records, prefixes.all('content'))) {
      both.throwIfAborted()
      const work = checkContent(context, checker, record, { signal: both, onBytes })
        .then((findings) => void found.push(...findings))
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => {
          running.delete(work)
          counts.contents += 1
          tell()
        })
      running.add(work)
      if (running.size >= checker.concurrency) yield* await next()
    }
    while (running.size > 0) yield* await next()
    if (failure !== undefined) throw failure.error
    yield* found
  } finally {
    ended.abort(new Error('The check ended early'))
    await Promise.all(running)
  }

  async function next(): Promise<readonly Finding[]> {
    await Promise.race(running)
    if (failure !== undefined) throw failure.error
    return found.splice(0)
  }
}

/** Reads a content. What is wrong is only said when its record still says the same, and of a second look. */
async function checkContent(
  context: FsckContext,
  checker: ContentChecker,
  listed: StoredRecord,
  options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
): Promise<readonly Finding[]> {
  const first = expectedOf(listed)
  if (first === undefined) return []
  const { state } = await checker.check(first, options)
  if (state === 'whole') return []
  const record = await context.records.get(listed.key)
  const expected = record === undefined ? undefined : expectedOf(record)
  if (expected === undefined) return []
  const problem = await checker.check(expected, { signal: options.signal })
  if (problem.state === 'whole' || (await context.records.get(listed.key))?.version !== record?.version)
    return []
  const harm = await findHarmOfContent(context, expected.digest)
  return [{ rule: 'content-damaged', ...expected, problem, ...harm }]
}

/** Undefined for a record that cannot be read, which was found among the records. */
function expectedOf(record: StoredRecord): ExpectedContent | undefined {
  const key = parseKey(record.key)
  if (key?.in !== 'content') return undefined
  try {
    const { key: file, size } = decodeContent(record)
    return { digest: key.digest, key: file, size }
  } catch (error) {
    if (error instanceof DamagedRecordError) return undefined
    throw error
  }
}
