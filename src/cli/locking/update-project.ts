import { LadingError, UsageError } from '../../errors/index.ts'
import { writeFilesTogether } from '../../files/index.ts'
import {
  collectUses,
  createdAt,
  type ImageUse,
  isNamed,
  type LockedUse,
  lockImages,
  type LockRequest,
  type LockResult,
  planUpdate,
  proofsOf,
  serializeLock,
  tagKey,
  updateEdits,
  type UpdatePlan,
} from '../../lock/index.ts'
import type { ProjectFindings } from '../../references/index.ts'
import { parseTagFilter } from '../../tags/index.ts'
import { canAsk, confirm } from '../ask.ts'
import type { CliContext } from '../context.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { safeText } from '../render/safe-text.ts'
import { unifiedDiff } from '../render/unified-diff.ts'
import { updateEnding, updateLines } from '../render/update-lines.ts'
import type { TrustFlags } from '../verification/trust-flags.ts'
import { acceptedRepositories } from './accepted-repositories.ts'
import { editSources, type EditedSource } from './edit-sources.ts'
import { failedImage } from './failed-image.ts'
import { findOccurrences, unreadableFile } from './find-occurrences.ts'
import { lockAnswer } from './lock-answer.ts'
import { checkUnchanged, type LockFile, readSettledLock, renewUsedBy, shownPath } from './lock-file.ts'
import { newerTags } from './newer-tags.ts'
import { openProject, type Project } from './open-project.ts'
import type { ProjectFlags } from './project-flags.ts'
import type { UpdateAnswer } from './update-answer.ts'
import { withLockRequest } from './with-lock-request.ts'

/** Flags of `update`. */
export type UpdateFlags = OutputFlags &
  PlaceFlags &
  TrustFlags &
  ProjectFlags & {
    readonly tags?: boolean | undefined
    readonly range?: string | undefined
    /** Seconds. */
    readonly minAge?: number | undefined
    readonly acceptSigner?: readonly string[] | undefined
    readonly dryRun?: boolean | undefined
    readonly yes?: boolean | undefined
    readonly json?: boolean | undefined
  }

/** Moves the tags of a project on, in its lock and its sources. Where anything stops or fails nothing is written. */
export async function updateProject(
  context: CliContext,
  flags: UpdateFlags,
  names: readonly string[],
): Promise<void> {
  const project = await openProject(context, flags)
  const before = await readSettledLock(context, project, 'update')
  const found = await findOccurrences(context, project)
  const { images } = collectUses(found.occurrences, before.read.lock)
  checkNames(names, images)
  const acceptSigners = acceptedRepositories(flags.acceptSigner ?? [], images)
  const work: Work = { project, before, found, images, names }
  let update: Update | undefined
  await withLockRequest(context, flags, { project, uses: images }, async (request) => {
    update = await findUpdates(flags, work, { ...request, before: before.read, acceptSigners })
  })
  if (update === undefined) throw new LadingError('INTERNAL', 'Cannot update: nothing came of it')
  await finish(context, flags, work, update)
}

interface Work {
  readonly project: Project
  readonly before: LockFile
  readonly found: ProjectFindings
  readonly images: readonly ImageUse[]
  /** Those that are moved; none: all. */
  readonly names: readonly string[]
}

interface Update {
  readonly plan: UpdatePlan
  readonly result: LockResult
  readonly publishedAt: ReadonlyMap<string, Date>
  readonly heldBack: UpdateAnswer['heldBack']
}

/** Looks everything up, and once more without what is too young where there is such. */
async function findUpdates(flags: UpdateFlags, work: Work, request: LockRequest): Promise<Update> {
  const { images, names } = work
  const { open, signal } = request
  const isMeant = (use: ImageUse): boolean => names.length === 0 || names.some((name) => isNamed(use, name))
  const range = flags.range === undefined ? undefined : await parseTagFilter(flags.range)
  const wanted = images.filter((use) => isMeant(use) && use.reference.tag !== undefined)
  const newTags =
    flags.tags === true || range !== undefined
      ? await newerTags(wanted, { open, range, signal })
      : new Map<string, string>()
  const plan = planUpdate(images, isMeant, newTags)
  const result = await lockImages(moving(plan, request))
  const publishedAt = await publishingTimes(movedOf(result, plan), request)
  const minAge = flags.minAge === undefined ? undefined : flags.minAge * 1000
  const young = movedOf(result, plan).filter(({ use }) =>
    isYoung(publishedAt.get(use.key), minAge, request.now),
  )
  if (young.length === 0) return { plan, result, publishedAt, heldBack: [] }
  const held = new Set(young.map(({ use }) => plan.formerKeys.get(use.key) ?? use.key))
  const rest = planUpdate(images, (use) => isMeant(use) && !held.has(tagKey(use)), newTags)
  return {
    plan: rest,
    result: await lockImages(moving(rest, request)),
    publishedAt,
    heldBack: young.map(({ image, use }) => ({
      image: use.key,
      digest: image.digest,
      publishedAt: publishedAt.get(use.key)?.toISOString() ?? null,
    })),
  }
}

function moving(plan: UpdatePlan, request: LockRequest): LockRequest {
  return { ...request, uses: plan.uses, isRefreshed: (use) => plan.moving.has(use.key) }
}

function movedOf({ images }: LockResult, { moving: keys }: UpdatePlan): readonly LockedUse[] {
  return images.filter(({ change, use }) => keys.has(use.key) && change !== 'kept')
}

/** What is not known to be old enough is young. */
function isYoung(published: Date | undefined, minAge: number | undefined, now: Date): boolean {
  if (minAge === undefined) return false
  return published === undefined || now.getTime() - published.getTime() < minAge
}

/** A signature's time was proved; what an image says of itself was not. */
async function publishingTimes(
  moved: readonly LockedUse[],
  { open, signal }: LockRequest,
): Promise<ReadonlyMap<string, Date>> {
  const times = await Promise.all(
    moved.map(
      async ({ image, signedAt, use }) =>
        [use.key, signedAt ?? (await createdAt(open(use.reference), image, { signal }))] as const,
    ),
  )
  return new Map(times.flatMap(([key, time]) => (time === undefined ? [] : [[key, time] as const])))
}

async function finish(context: CliContext, flags: UpdateFlags, work: Work, update: Update): Promise<void> {
  const { output } = context
  const { before, found, project } = work
  const { plan, result } = update
  const isWhole = found.problems.length + result.failures.length + result.stops.length === 0
  const sources = isWhole
    ? await editSources(project, found, { edits: updateEdits(result.images, plan) })
    : []
  const answer = answerOf(context, work, update, sources)
  if (flags.json !== true)
    for (const line of updateLines(answer, { style: output.style, now: new Date() })) output.line(line)
  if (flags.dryRun === true && flags.json !== true)
    for (const { after, before: old, file } of sources)
      for (const line of unifiedDiff(file, textOf(old), textOf(after))) output.line(safeText(line))
  const text = serializeLock(result.lock)
  const isChanged = text !== before.text || sources.length > 0
  const isWanted = isWhole && isChanged && flags.dryRun !== true && (await isAgreed(context, flags))
  if (isWanted) {
    await checkUnchanged(context, project, before)
    await project.proofs?.add(proofsOf(result), { signal: context.signal })
    // The lock last: until it is there, `check` says that something is missing.
    const files = [
      ...sources.map(({ after, path }) => [path, after] as const),
      [project.lockFile, text] as const,
    ]
    await writeFilesTogether(new Map<string, string | Uint8Array>(files), { signal: context.signal })
    await project.proofs?.keepOnly(result.lock)
    if (sources.length > 0) await renewUsedBy(context, project)
  }
  const ended = { ...answer, written: isWanted }
  if (flags.json === true) output.json(ended)
  else output.line(updateEnding(ended, output.style))
  if (result.stops.length > 0) output.exitWith(1)
  for (const problem of found.problems) output.fail(unreadableFile(problem))
  const uses = collectUses(found.occurrences, before.read.lock).images
  for (const failure of result.failures) output.fail(failedImage(failure, uses))
}

async function isAgreed(context: CliContext, { json, yes }: UpdateFlags): Promise<boolean> {
  if (yes === true || json === true || !canAsk(context)) return true
  return confirm(context, 'Write this?')
}

function answerOf(
  context: CliContext,
  { before, found, project }: Work,
  { heldBack, plan, publishedAt, result }: Update,
  sources: readonly EditedSource[],
): UpdateAnswer {
  const file = shownPath(context, project.lockFile)
  const { errors, images, problems, stopped } = lockAnswer(
    file,
    { ...result, images: movedOf(result, plan) },
    { ...found, others: [] },
    { written: false, upToDate: false },
  )
  return {
    file,
    written: false,
    updates: images.map((image) => ({
      ...image,
      former: plan.formerKeys.get(image.image) ?? image.image,
      previous: image.previous ?? formerDigest(before, plan, image.image),
      publishedAt: publishedAt.get(image.image)?.toISOString() ?? null,
    })),
    heldBack,
    refused: plan.refused.map(({ occurrence: { file: source, place, range, text }, reason }) => ({
      file: source,
      line: range.line,
      column: range.column,
      place,
      text,
      reason,
    })),
    sources: sources.map(({ file: source, places }) => ({ file: source, places })),
    stopped,
    problems,
    ...(errors === undefined ? {} : { errors }),
  }
}

/** Of an image whose tag changed: what the former tag was. */
function formerDigest({ read }: LockFile, { formerKeys }: UpdatePlan, key: string): string | null {
  return read.lock.images[formerKeys.get(key) ?? key]?.digest ?? null
}

function checkNames(names: readonly string[], images: readonly ImageUse[]): void {
  for (const name of names)
    if (!images.some((use) => isNamed(use, name)))
      throw new UsageError(`Cannot update ${name}: the project uses no image of that name`, {
        hint: `It uses ${[...new Set(images.map(({ reference }) => reference.familiarName))].join(', ') || 'none'}.`,
      })
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
