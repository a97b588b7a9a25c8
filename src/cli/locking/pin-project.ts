import { writeFilesTogether } from '../../files/index.ts'
import { pinEdits, type SourceEdits, unpinEdits } from '../../lock/index.ts'
import type { Occurrence, ProjectFindings } from '../../references/index.ts'
import type { CliContext } from '../context.ts'
import { count } from '../render/count.ts'
import { safeText } from '../render/safe-text.ts'
import { unifiedDiff } from '../render/unified-diff.ts'
import { type EditedSource, editSources } from './edit-sources.ts'
import { findOccurrences, unreadableFile } from './find-occurrences.ts'
import { readSettledLock, renewUsedBy } from './lock-file.ts'
import { openProject, type Project } from './open-project.ts'
import type { PinFlags } from './pin-flags.ts'

/** Writes the lock's digests into the sources of a project; a no (exit code 1) where an image is not in the lock. */
export async function pinProject(context: CliContext, flags: PinFlags): Promise<void> {
  const project = await openProject(context, flags)
  const lock = await readSettledLock(context, project, 'pin')
  await edit(context, flags, project, ({ occurrences }) => pinEdits(occurrences, lock.read.lock))
}

/** Takes the digests out of the sources of a project. */
export async function unpinProject(context: CliContext, flags: PinFlags): Promise<void> {
  await edit(context, flags, await openProject(context, flags), ({ occurrences }) => unpinEdits(occurrences))
}

/** All files are edited, or none: where one cannot be read, or an image is not locked, nothing is written. */
async function edit(
  context: CliContext,
  flags: PinFlags,
  project: Project,
  editsOf: (found: ProjectFindings) => SourceEdits,
): Promise<void> {
  const { output, signal } = context
  const found = await findOccurrences(context, project)
  const edits = editsOf(found)
  const sources = await editSources(project, found, edits)
  const isWhole = edits.notLocked.length + found.problems.length === 0
  const isWritten = isWhole && flags.dryRun !== true && sources.length > 0
  if (isWritten) {
    await writeFilesTogether(new Map(sources.map(({ after, path }) => [path, after])), { signal })
    await renewUsedBy(context, project)
  }
  if (flags.json === true) output.json(answerOf(sources, edits, isWritten))
  else show(context, flags, sources, edits, isWritten)
  if (edits.notLocked.length > 0) output.exitWith(1)
  for (const problem of found.problems) output.fail(unreadableFile(problem))
}

function answerOf(sources: readonly EditedSource[], edits: SourceEdits, written: boolean): unknown {
  return {
    written,
    files: sources.map(({ file, places }) => ({ file, places })),
    refused: edits.refused.map(({ occurrence, reason }) => ({ ...placeAnswer(occurrence), reason })),
    notLocked: edits.notLocked.map(placeAnswer),
  }
}

function placeAnswer({ file, place, range, text }: Occurrence): Readonly<Record<string, unknown>> {
  return { file, line: range.line, column: range.column, place, text }
}

function show(
  { output }: CliContext,
  { dryRun }: PinFlags,
  sources: readonly EditedSource[],
  { notLocked, refused }: SourceEdits,
  isWritten: boolean,
): void {
  if (dryRun === true)
    for (const { after, before, file } of sources)
      for (const line of unifiedDiff(file, textOf(before), textOf(after))) output.line(safeText(line))
  for (const { occurrence, reason } of refused) output.note(placeLine(occurrence, reason))
  for (const occurrence of notLocked)
    output.note(placeLine(occurrence, 'is not in the lock; try: lading lock'))
  if (dryRun === true) return
  const places = sources.reduce((sum, source) => sum + source.places, 0)
  if (isWritten) output.line(`wrote ${count(places, 'place')} in ${count(sources.length, 'file')}`)
  else output.line(notLocked.length === 0 ? 'there is nothing to write' : 'nothing was written')
}

function placeLine({ file, range, text }: Occurrence, what: string): string {
  return safeText(`${file}:${range.line}:${range.column}: ${text} ${what}`)
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
