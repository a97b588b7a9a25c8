import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { LadingError } from '../../errors/index.ts'
import {
  type CheckAgainRequest,
  type CheckAnswer,
  checkLock,
  checkOnline,
  collectUses,
  type Finding,
  type Lock,
  parseLock,
  verifyLock,
  maxLockBytes,
} from '../../lock/index.ts'
import type { ProjectFindings } from '../../references/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { errorJson } from '../error-json.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { checkLines } from '../render/check-lines.ts'
import { checkSarif } from '../render/check-sarif.ts'
import { githubAnnotations } from '../render/github-annotations.ts'
import type { TrustFlags } from '../verification/trust-flags.ts'
import { packageVersion } from '../version.ts'
import type { CheckLockAnswer } from './check-answer.ts'
import { failedImage } from './failed-image.ts'
import { findOccurrences, unreadableFile } from './find-occurrences.ts'
import { type LockFile, readLockFile, shownPath } from './lock-file.ts'
import { mirrorOf, openProject, type Project } from './open-project.ts'
import { placeFindings } from './place-findings.ts'
import type { ProjectFlags } from './project-flags.ts'
import { withLockRequest } from './with-lock-request.ts'

/** Flags of `check`. */
export type CheckFlags = OutputFlags &
  PlaceFlags &
  TrustFlags &
  ProjectFlags & {
    readonly online?: boolean | undefined
    readonly verify?: boolean | undefined
    readonly baseline?: string | undefined
    readonly failOn?: 'moved' | undefined
    readonly format?: 'github' | 'sarif' | undefined
    readonly json?: boolean | undefined
  }

/** Says whether a project's sources and its lock agree; a no sets the exit code 1, and 3 where it could not be told. */
export async function checkProject(context: CliContext, flags: CheckFlags): Promise<void> {
  const project = await openProject(context, flags)
  const file = await readLockFile(context, project)
  if (file === undefined)
    throw new LadingError(
      'NO_LOCK',
      `Cannot check ${shownPath(context, project.root)}: it has no lading.lock`,
      {
        hint: 'lading lock',
      },
    )
  const found = await findOccurrences(context, project)
  const answers = [
    { findings: checkLock(found.occurrences, file.read), failures: [] },
    ...(await askAgain(context, flags, { project, file, found })),
  ]
  const findings = distinct(answers.flatMap((answer) => answer.findings)).map((finding) =>
    finding.rule === 'moved' && flags.failOn === 'moved' ? { ...finding, level: 'error' as const } : finding,
  )
  const failures = answers.flatMap((answer) => answer.failures)
  const isOk = findings.every(({ level }) => level !== 'error')
  show(context, flags, project, {
    file: shownPath(context, project.lockFile),
    ok: isOk && failures.length + found.problems.length === 0,
    images: Object.keys(file.read.lock.images).length,
    findings: placeFindings(findings, file.text),
    ...(failures.length === 0
      ? {}
      : { errors: failures.map(({ error, image }) => ({ image, ...errorJson(error) })) }),
  })
  if (!isOk) context.output.exitWith(1)
  for (const problem of found.problems) context.output.fail(unreadableFile(problem))
  const uses = collectUses(found.occurrences, file.read.lock).images
  for (const failure of failures) context.output.fail(failedImage(failure, uses))
}

async function askAgain(
  context: CliContext,
  flags: CheckFlags,
  {
    file,
    found,
    project,
  }: { readonly project: Project; readonly file: LockFile; readonly found: ProjectFindings },
): Promise<readonly CheckAnswer[]> {
  const { baseline, online = false, verify = false } = flags
  if (!online && !verify) return []
  const remembered = baseline === undefined ? undefined : await readBaseline(context, baseline)
  const { images: uses } = collectUses(found.occurrences, file.read.lock)
  const answers: CheckAnswer[] = []
  await withLockRequest(context, flags, { project, uses }, async (request) => {
    const again: CheckAgainRequest = {
      ...request,
      lock: file.read,
      remembered,
      mirror: mirrorOf(project),
    }
    if (verify) answers.push(await verifyLock(again))
    if (online) answers.push(await checkOnline(again))
  })
  return answers
}

async function readBaseline(context: CliContext, path: string): Promise<Lock> {
  const file = path === '-' ? path : resolve(context.directory(), path)
  return parseLock(await readInput(context, file, maxLockBytes), path).lock
}

/** Both ways to ask may find the same. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()]
}

function show(
  { output }: CliContext,
  { format, json }: CheckFlags,
  { root }: Project,
  answer: CheckLockAnswer,
): void {
  if (json === true) return output.json(answer)
  const folder = folderInRepository(root)
  switch (format) {
    case 'github':
      for (const line of githubAnnotations(answer.findings, folder)) output.line(line)
      return
    case 'sarif':
      return output.json(checkSarif(answer.findings, { folder, version: packageVersion() }))
    case undefined:
      for (const line of checkLines(answer, output.style)) output.line(line)
      return
    default:
      format satisfies never
  }
}

/** The project's folder from the root of the git repository, as GitHub names files: empty, or with `/` at its end. */
function folderInRepository(root: string): string {
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(join(folder, '.git'))) continue
    const path = relative(folder, root).split(sep).join('/')
    return path === '' ? '' : `${path}/`
  }
  return ''
}
