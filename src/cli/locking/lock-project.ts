import { LadingError } from '../../errors/index.ts'
import { collectUses, lockImages, type LockResult, proofsOf, serializeLock } from '../../lock/index.ts'
import type { ProjectFindings } from '../../references/index.ts'
import type { CliContext } from '../context.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { lockLines } from '../render/lock-lines.ts'
import type { TrustFlags } from '../verification/trust-flags.ts'
import { acceptedRepositories } from './accepted-repositories.ts'
import { failedImage } from './failed-image.ts'
import { findOccurrences, unreadableFile } from './find-occurrences.ts'
import { lockAnswer, type LockAnswer } from './lock-answer.ts'
import { type LockFile, readLockFile, shownPath, writeLockFile } from './lock-file.ts'
import { openProject } from './open-project.ts'
import type { ProjectFlags } from './project-flags.ts'
import { withLockRequest } from './with-lock-request.ts'

/** Flags of `lock`. */
export type LockFlags = OutputFlags &
  PlaceFlags &
  TrustFlags &
  ProjectFlags & {
    readonly check?: boolean | undefined
    readonly acceptSigner?: readonly string[] | undefined
    readonly json?: boolean | undefined
  }

/**
 * Locks the images of a project. Where anything stops or fails nothing is written: a stop is a no (exit code 1), what could not be told
 * is a failure (3).
 */
export async function lockProject(context: CliContext, flags: LockFlags): Promise<void> {
  const project = await openProject(context, flags)
  const before = await readLockFile(context, project)
  const found = await findOccurrences(context, project)
  const uses = collectUses(found.occurrences, before?.read.lock)
  const acceptSigners = acceptedRepositories(flags.acceptSigner ?? [], uses.images)
  let result: LockResult | undefined
  await withLockRequest(context, flags, { project, uses: uses.images }, async (request) => {
    result = await lockImages({ ...request, before: before?.read, acceptSigners })
  })
  if (result === undefined) throw new LadingError('INTERNAL', 'Cannot lock: nothing came of it')
  const isWhole = found.problems.length + result.failures.length + result.stops.length === 0
  const isEmpty = before === undefined && uses.images.length === 0
  const isWritten = isWhole && !isEmpty && flags.check !== true
  // Proofs come before the lock that tells of them, and go after it.
  if (isWritten) await project.proofs?.add(proofsOf(result), { signal: context.signal })
  const written = isWritten ? await writeLockFile(context, project, result.lock, before) : false
  if (isWritten) await project.proofs?.keepOnly(result.lock)
  const upToDate = isWhole && (written || isEmpty || saysTheSame(result, before))
  const answer = lockAnswer(
    shownPath(context, project.lockFile),
    result,
    { ...found, others: uses.others },
    { written, upToDate },
  )
  show(context, flags, answer, found)
  for (const failure of result.failures) context.output.fail(failedImage(failure, uses.images))
}

function show({ output }: CliContext, flags: LockFlags, answer: LockAnswer, found: ProjectFindings): void {
  if (!answer.upToDate) output.exitWith(1)
  if (flags.json === true) output.json(answer)
  else
    for (const line of lockLines(answer, { style: output.style, isCheck: flags.check === true }))
      output.line(line)
  for (const problem of found.problems) output.fail(unreadableFile(problem))
}

function saysTheSame({ lock }: LockResult, before: LockFile | undefined): boolean {
  return before !== undefined && before.text === serializeLock(lock)
}
