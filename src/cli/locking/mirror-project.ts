import { LadingError, UsageError } from '../../errors/index.ts'
import { parseLocation } from '../../images/index.ts'
import { type Mirror, parseMirror, planMirror } from '../../lock/index.ts'
import type { CliContext } from '../context.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { sayWouldCopy } from '../report-copy.ts'
import { askGithub } from '../verification/evidence-sources.ts'
import { withPlaces } from '../with-places.ts'
import { copyToMirror } from './copy-to-mirror.ts'
import { keptElsewhere } from './kept-elsewhere.ts'
import { readLockFile, shownPath } from './lock-file.ts'
import { mirrorOf, openProject, type Project } from './open-project.ts'
import type { ProjectFlags } from './project-flags.ts'
import { reportMirror } from './report-mirror.ts'

/** Flags of `mirror`. */
export type MirrorFlags = OutputFlags &
  PlaceFlags &
  ProjectFlags & {
    readonly to?: string | undefined
    readonly dryRun?: boolean | undefined
    readonly json?: boolean | undefined
  }

/** Copies what a project's lock holds to a mirror, by digest, with what is attached to it; 3 where something could not be copied. */
export async function mirrorProject(context: CliContext, flags: MirrorFlags): Promise<void> {
  const project = await openProject(context, flags)
  const mirror = wantedMirror(flags, project)
  const cannot = `Cannot mirror ${shownPath(context, project.lockFile)}`
  const file = await readLockFile(context, project)
  if (file === undefined)
    throw new LadingError('NO_LOCK', `${cannot}: there is none`, { hint: 'lading lock' })
  if (file.read.isConflicted)
    throw new LadingError('UNSETTLED_LOCK', `${cannot}: a merge left two answers in it`, {
      hint: 'lading lock',
    })
  const { lock } = file.read
  const images = planMirror(lock, mirror)
  const named = images.flatMap(({ from, to }) => [from, to])
  const locations = named.map(({ canonical }) => parseLocation(canonical))
  const { dryRun = false, json = false } = flags
  await withPlaces(context, flags, locations, async ({ config, places, progress }) => {
    const { counts, results } = await copyToMirror(images, {
      open: (reference) => places.registry.repository(reference),
      bundles: (image) =>
        keptElsewhere(image, {
          askGithub: (subject, owner, budget) => askGithub(context, [subject], owner, budget),
          lock,
          project,
        }),
      blobsAtOnce: config.defaults?.blobsAtOnce ?? 6,
      dryRun,
      signal: context.signal,
      onEvent: (event) => {
        if (!dryRun) progress.onCopy(event)
        else if (!json) sayWouldCopy(context, event)
      },
    })
    progress.stop()
    reportMirror(context, { dryRun, json, mirror }, { counts, results })
  })
}

/** @throws {UsageError} where nothing says where to, or it cannot be. */
function wantedMirror({ to }: MirrorFlags, project: Project): Mirror {
  const mirror = to === undefined ? mirrorOf(project) : parseMirror(to)
  if (mirror !== undefined) return mirror
  throw new UsageError('Cannot mirror: nothing says where to', {
    hint: '--to registry.example/prefix, or lock.mirror in lading.yaml',
  })
}
