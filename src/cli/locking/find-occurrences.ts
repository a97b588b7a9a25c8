import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dockerfileFinder, type FileProblem, type Occurrence } from '../../references/index.ts'
import { findRule, parseImagePattern } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import type { Project } from './open-project.ts'

/** The places of a project that name images, without those that are ignored. */
export interface ProjectOccurrences {
  readonly occurrences: readonly Occurrence[]
  readonly problems: readonly FileProblem[]
}

/** Finds the places of a project that name images. */
export async function findOccurrences(
  { signal }: CliContext,
  { root, settings }: Project,
): Promise<ProjectOccurrences> {
  const occurrences: Occurrence[] = []
  const problems: FileProblem[] = []
  for (const file of (await readdir(root)).toSorted()) {
    signal.throwIfAborted()
    if (!dockerfileFinder.mayBe(file)) continue
    const text = await readFile(join(root, file), 'utf8')
    const found = await dockerfileFinder.find({
      file,
      text,
      isExact: true,
      files: { read: () => Promise.resolve(undefined) },
      customResources: settings.customResources ?? [],
    })
    occurrences.push(...(found?.occurrences ?? []))
    problems.push(...(found?.problems ?? []))
  }
  const ignored = (settings.ignore?.images ?? []).map((pattern) => parseImagePattern(pattern))
  return { occurrences: occurrences.filter((one) => !isIgnored(one)), problems }

  function isIgnored({ target }: Occurrence): boolean {
    if (target.kind !== 'image' || ignored.length === 0) return false
    const rules = { default: 'require', rules: [{ kind: 'unsigned', images: ignored }] } as const
    return findRule(rules, target.reference) !== undefined
  }
}
