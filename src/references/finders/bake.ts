import { FilePositions } from '../file-positions.ts'
import type { Finder, FinderInput } from '../finder.ts'
import type { FileFindings, FileProblem, Occurrence } from '../occurrence.ts'
import { type BakeFile, readBakeFile } from './bake/bake-file.ts'
import type { BakeImage } from './bake/bake-image.ts'
import { imagesOfTarget } from './bake/bake-images.ts'
import { mergeBakeFiles } from './bake/bake-project.ts'
import { readTargets, type Setting } from './bake/bake-targets.ts'
import { DockerfileCache } from './bake/dockerfile-cache.ts'
import { Evaluator } from './bake/evaluate.ts'
import { namesUsedElsewhere } from './bake/names-elsewhere.ts'
import { InvalidHclError } from './bake/parse-hcl.ts'
import { toOccurrence } from './bake/to-occurrence.ts'
import { withDistinctPlaces } from './distinct-places.ts'

/** Finds what Bake files name: contexts, arguments that choose an image, inline Dockerfiles. */
export const bakeFinder: Finder = {
  name: 'bake',
  mayBe: (file) => /(?:^|[/._-])bake(?:[._-][^/]*)?\.(?:hcl|json)$/i.test(file),
  mayHold: (text) => /docker-image:\/\/|args|dockerfile-inline|contexts?\b/.test(text),
  find: findInBakeFile,
}

/** The files that Bake reads together when none is named, in its order: later ones go before. */
const readTogether = [
  'docker-bake.json',
  'docker-bake.hcl',
  'docker-bake.override.json',
  'docker-bake.override.hcl',
]

/** How much is read for the targets of a file: their settings, and the instructions of the Dockerfile of each. */
const mostWork = 1_000_000

async function findInBakeFile(input: FinderInput): Promise<FileFindings | undefined> {
  let own: BakeFile
  try {
    own = readBakeFile(input.file, input.text, input.isExact)
  } catch (error) {
    if (!(error instanceof InvalidHclError)) throw error
    return { occurrences: [], problems: [toProblem(input, error)] }
  }
  const project = mergeBakeFiles(await withSiblings(own, input))
  const images: BakeImage[] = []
  const problems: FileProblem[] = []
  const dockerfiles = new DockerfileCache(input.files)
  const seen = new Set<Setting>()
  let left = mostWork
  for (const target of readTargets(project, new Evaluator(project))) {
    const found = await imagesOfTarget(target, { dockerfiles, seen })
    for (const image of found.images) images.push(image)
    for (const problem of found.problems) problems.push(problem)
    left -= 1 + found.instructions + target.args.size + target.contexts.size
    if (left > 0) continue
    problems.push({ file: own.file, message: 'its targets are too many for what they are built with' })
    break
  }
  const elsewhere = namesUsedElsewhere(project, images)
  const occurrences = images
    .filter(({ setting }) => setting.file === own)
    .map((image) => toOccurrence(image, elsewhere))
  return {
    occurrences: withDistinctPlaces(withoutBrokenEdits(withoutRepeats(occurrences))),
    problems: distinct(problems.filter(({ file }) => file === input.file)),
  }
}

/** A Bake file with those that are read together with it. */
async function withSiblings(own: BakeFile, { file, files }: FinderInput): Promise<readonly BakeFile[]> {
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  if (!readTogether.includes(file.slice(folder.length))) return [own]
  const all: BakeFile[] = []
  for (const name of readTogether) {
    const sibling = file === folder + name ? own : await readSibling(folder + name, files)
    if (sibling !== undefined) all.push(sibling)
  }
  return all
}

/** Another Bake file; undefined where there is none, or where it cannot be read, which is told when it is looked at itself. */
async function readSibling(file: string, files: FinderInput['files']): Promise<BakeFile | undefined> {
  const bytes = await files.read(file)
  if (bytes === undefined) return undefined
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  try {
    return readBakeFile(file, text, Buffer.from(text).equals(bytes))
  } catch (error) {
    if (error instanceof InvalidHclError) return undefined
    throw error
  }
}

function toProblem({ file, text }: FinderInput, { offset, problem }: InvalidHclError): FileProblem {
  const { line, column } = new FilePositions(text).range(offset, offset)
  return { file, line, column, message: problem, hint: 'docker buildx bake --print says what Bake reads.' }
}

/** An argument that several targets take over is one place. */
function withoutRepeats(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const seen = new Map<string, Occurrence>()
  for (const one of occurrences) {
    const key = JSON.stringify([one.place, one.range.start, nameOf(one), one.edit])
    if (!seen.has(key)) seen.set(key, one)
  }
  return [...seen.values()]
}

function nameOf({ target }: Occurrence): string {
  return target.kind === 'image' ? target.reference.canonical : target.reason
}

/** What is a whole image in one build and a part of a name in another is not edited. */
function withoutBrokenEdits(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const broken = new Set(
    occurrences.flatMap(({ edit, range, target }) =>
      edit.kind === 'none' && target.kind === 'image' ? [range.start] : [],
    ),
  )
  return occurrences.map((one) =>
    one.edit.kind === 'reference' && broken.has(one.range.start)
      ? { ...one, edit: { kind: 'none', reason: 'it is a part of another name too' } }
      : one,
  )
}

function distinct(problems: readonly FileProblem[]): readonly FileProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}
