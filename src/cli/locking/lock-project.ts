import { join } from 'node:path'
import { LadingError, UsageError } from '../../errors/index.ts'
import { parseLocation } from '../../images/index.ts'
import {
  collectUses,
  createContentCache,
  type ImageUse,
  lockImages,
  type LockResult,
  type ProjectUses,
  repositoryOf,
  serializeLock,
} from '../../lock/index.ts'
import { parsePlatform, parseReference } from '../../oci/index.ts'
import { cacheDirectory } from '../cache-directory.ts'
import type { CliContext } from '../context.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { lockLines } from '../render/lock-lines.ts'
import { askGithub } from '../verification/evidence-sources.ts'
import type { TrustFlags } from '../verification/trust-flags.ts'
import { trustOf } from '../verification/trust-of.ts'
import { withPlaces } from '../with-places.ts'
import { findOccurrences, type ProjectOccurrences } from './find-occurrences.ts'
import { lockAnswer, type LockAnswer } from './lock-answer.ts'
import { type LockFile, readLockFile, shownPath, writeLockFile } from './lock-file.ts'
import { openProject, type Project } from './open-project.ts'
import type { ProjectFlags } from './project-flags.ts'

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
  const acceptSigners = repositoriesOf(flags.acceptSigner ?? [], uses)
  const result = await lockUses(context, flags, { project, uses: uses.images, before, acceptSigners })
  const isWhole = found.problems.length + result.failures.length + result.stops.length === 0
  const isEmpty = before === undefined && uses.images.length === 0
  const written =
    isWhole && !isEmpty && flags.check !== true
      ? await writeLockFile(context, project, result.lock, before)
      : false
  const upToDate = isWhole && (written || isEmpty || saysTheSame(result, before))
  const answer = lockAnswer(
    shownPath(context, project.lockFile),
    result,
    { ...found, others: uses.others },
    { written, upToDate },
  )
  show(context, flags, answer, found, result)
}

function show(
  { output }: CliContext,
  flags: LockFlags,
  answer: LockAnswer,
  found: ProjectOccurrences,
  result: LockResult,
): void {
  if (!answer.upToDate) output.exitWith(1)
  if (flags.json === true) output.json(answer)
  else
    for (const line of lockLines(answer, { style: output.style, isCheck: flags.check === true }))
      output.line(line)
  for (const { hint, message } of found.problems)
    output.fail(new LadingError('UNREADABLE', message, { hint }))
  for (const { error } of result.failures) output.fail(error)
}

function saysTheSame({ lock }: LockResult, before: LockFile | undefined): boolean {
  return before !== undefined && before.text === serializeLock(lock)
}

/** What {@link lockUses} works with. */
export interface LockUses {
  readonly project: Project
  readonly uses: readonly ImageUse[]
  readonly before: LockFile | undefined
  readonly acceptSigners: ReadonlySet<string>
  readonly isRefreshed?: ((use: ImageUse) => boolean) | undefined
}

/** Looks images up under the user's configuration. Writes nothing. */
export async function lockUses(
  context: CliContext,
  flags: PlaceFlags & TrustFlags,
  { acceptSigners, before, isRefreshed, project, uses }: LockUses,
): Promise<LockResult> {
  const { environment, signal } = context
  const locations = uses.map(({ reference }) => parseLocation(reference.canonical))
  const now = new Date()
  const trust = once(() => trustOf(context, flags))
  let result: LockResult | undefined
  await withPlaces(context, flags, locations, async ({ config, places }) => {
    result = await lockImages({
      uses,
      before: before?.read,
      open: (reference) => places.registry.repository(reference),
      cache: createContentCache(join(cacheDirectory(environment), 'lock')),
      signatures: {
        rules: project.rules,
        trust,
        askGithub: ({ budget, owner, subject }) => askGithub(context, [subject], owner, budget),
        now,
      },
      platforms: project.settings.platforms?.map((text) => parsePlatform(text)),
      acceptSigners,
      isRefreshed,
      imagesAtOnce: Math.max(8, config.defaults?.requestsPerHost ?? 0),
      now,
      signal,
    })
  })
  if (result === undefined) throw new LadingError('INTERNAL', 'Cannot lock: nothing came of it')
  return result
}

/** `--accept-signer`: repositories of the project, as people name them. @throws {UsageError} for another. */
function repositoriesOf(names: readonly string[], { images }: ProjectUses): ReadonlySet<string> {
  const used = new Set(images.map(({ reference }) => repositoryOf(reference)))
  return new Set(
    names.map((name) => {
      const repository = repositoryOf(parseReference(name))
      if (used.has(repository)) return repository
      throw new UsageError(`Cannot accept who signs ${name}: the project uses no image of that repository`)
    }),
  )
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}
