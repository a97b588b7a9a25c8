import { join, resolve } from 'node:path'
import { LadingError } from '../../errors/index.ts'
import { writeFileAtomically } from '../../files/index.ts'
import { checkLock, type EmittedForm, emitLock } from '../../lock/index.ts'
import type { CliContext } from '../context.ts'
import { wroteLine } from '../render/wrote-line.ts'
import { findOccurrences, unreadableFile } from './find-occurrences.ts'
import { readSettledLock, shownPath } from './lock-file.ts'
import { mirrorOf, openProject } from './open-project.ts'
import type { ProjectFlags } from './project-flags.ts'

/** Flags of `lock --emit`. */
export type EmitFlags = ProjectFlags & {
  readonly emit?: EmittedForm | undefined
  readonly output?: string | undefined
}

/**
 * Prints the lock of a project in the form of another tool. Where the sources name something that the lock has not, nothing is printed:
 * it would be taken as it is.
 */
export async function emitProject(context: CliContext, flags: EmitFlags, form: EmittedForm): Promise<void> {
  const project = await openProject(context, flags)
  const file = await readSettledLock(context, project, 'emit the lock')
  const cannot = `Cannot emit ${shownPath(context, project.lockFile)} for ${form}`
  const found = await findOccurrences(context, project)
  const path = outputPath(context, flags)
  const isSource = ({ file: source }: { readonly file: string }): boolean =>
    join(project.root, source) !== path
  const occurrences = found.occurrences.filter(isSource)
  const problems = found.problems.filter(isSource)
  const { output } = context
  for (const problem of problems) output.fail(unreadableFile(problem))
  if (problems.length > 0) return
  const missing = checkLock(occurrences, file.read).filter(({ rule }) => gaps.has(rule))
  if (missing.length > 0) {
    output.exitWith(1)
    for (const { message } of missing) output.note(message)
    output.note(`${cannot}: it does not agree with the sources; try: lading lock`)
    return
  }
  const emitted = emitLock(form, file.read.lock, occurrences, mirrorOf(project))
  if ('problem' in emitted) throw new LadingError('NOT_EMITTED', `${cannot}: ${emitted.problem}`)
  if (path === undefined) return output.text(emitted.text)
  await writeFileAtomically(path, emitted.text, { signal: context.signal })
  output.note(wroteLine(shownPath(context, path), undefined))
}

/** What was written the last time is no source. */
function outputPath({ directory }: CliContext, { output }: EmitFlags): string | undefined {
  return output === undefined || output === '-' ? undefined : resolve(directory(), output)
}

const gaps: ReadonlySet<string> = new Set(['not-locked', 'digest-differs'])
