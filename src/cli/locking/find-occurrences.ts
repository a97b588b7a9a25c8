import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LadingError } from '../../errors/index.ts'
import { makeDirectory, writeFileAtomically } from '../../files/index.ts'
import {
  type FileProblem,
  FindingsCache,
  findReferences,
  type Occurrence,
  type ProjectFindings,
} from '../../references/index.ts'
import { findRule, type ImagePattern, parseImagePattern } from '../../signing/index.ts'
import { cacheDirectory } from '../cache-directory.ts'
import type { CliContext } from '../context.ts'
import type { Project } from './open-project.ts'

/** Finds the places of a project that name images, without those that `lading.yaml` ignores. */
export async function findOccurrences(
  { environment, signal }: CliContext,
  { root, settings }: Project,
): Promise<ProjectFindings> {
  const path = join(cacheDirectory(environment), 'findings', createHash('sha256').update(root).digest('hex'))
  const cache = new FindingsCache(await readKept(path))
  const found = await findReferences(root, {
    include: settings.include,
    ignoreFiles: settings.ignore?.files,
    customResources: settings.customResources,
    cache,
    signal,
  })
  if (cache.isChanged) await keep(path, cache.toText())
  const images = (settings.ignore?.images ?? []).map((pattern) => parseImagePattern(pattern))
  return { ...found, occurrences: found.occurrences.filter((one) => !isIgnored(one, images)) }
}

function isIgnored({ target }: Occurrence, images: readonly ImagePattern[]): boolean {
  if (target.kind !== 'image' || images.length === 0) return false
  const rules = { default: 'require', rules: [{ kind: 'unsigned', images }] } as const
  return findRule(rules, target.reference) !== undefined
}

/** A file of the project that could not be read: it fails whatever needs all of them. */
export function unreadableFile({ column, file, hint, line, message }: FileProblem): LadingError {
  const place = [file, ...(line === undefined ? [] : [line, ...(column === undefined ? [] : [column])])]
  return new LadingError('UNREADABLE_SOURCE', `Cannot read ${place.join(':')}: ${message}`, { hint })
}

async function readKept(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}

async function keep(path: string, text: string): Promise<void> {
  try {
    await makeDirectory(dirname(path))
    await writeFileAtomically(path, text)
  } catch {
    // What is not kept is found again.
  }
}
