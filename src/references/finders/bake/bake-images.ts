import type { Dockerfile } from '../../../dockerfile/index.ts'
import type { FileProblem } from '../../occurrence.ts'
import { whyFetched } from '../dockerfile/downloads.ts'
import type { NamedImage } from '../dockerfile/named-image.ts'
import { findNamedImages } from '../dockerfile/named-images.ts'
import { readTarget } from '../dockerfile/read-target.ts'
import type { BakeFile } from './bake-file.ts'
import type { BakeImage } from './bake-image.ts'
import type { BakeTarget, Setting } from './bake-targets.ts'
import { type Piece, slicePieces, type StringValue, textOf } from './bake-value.ts'
import type { DockerfileCache } from './dockerfile-cache.ts'
import { joinPath } from './join-path.ts'

/** What the targets of a file share. */
interface SharedReading {
  readonly dockerfiles: DockerfileCache
  /** The contexts that were looked at; several targets inherit them. */
  readonly seen: Set<Setting>
}

/** What a target names. */
interface TargetImages extends BuildImages {
  /** How many instructions were gone through. */
  readonly instructions: number
}

interface BuildImages {
  readonly images: readonly BakeImage[]
  readonly problems: readonly FileProblem[]
}

/** The images that a target names: its contexts, its arguments where they choose an image, its inline Dockerfile. */
export async function imagesOfTarget(target: BakeTarget, shared: SharedReading): Promise<TargetImages> {
  const { dockerfiles, seen } = shared
  const contexts = [...target.contexts.values(), ...(target.context === undefined ? [] : [target.context])]
  const images = contexts.filter((setting) => !seen.has(setting)).flatMap(imageOfContext)
  for (const setting of contexts) seen.add(setting)
  const inline = target.inline?.value
  if (target.inline !== undefined && inline?.kind === 'unknown')
    images.push(unresolved(target.inline, inline.reason))
  const dockerfile =
    inline?.kind === 'string' ? dockerfiles.parse(textOf(inline)) : await readDockerfile(target, dockerfiles)
  if (dockerfile === undefined) return { images, problems: [], instructions: 0 }
  const build = imagesOfBuild(target, dockerfile, inline?.kind === 'string' ? inline : undefined)
  return {
    images: [...images, ...build.images],
    problems: build.problems,
    instructions: dockerfile.instructions.length,
  }
}

/** The image of a named context: `docker-image://python:3.12`. */
function imageOfContext(setting: Setting): readonly BakeImage[] {
  const { value } = setting
  const scheme = 'docker-image://'
  if (value.kind === 'unknown') {
    const mayBeImage =
      scheme.startsWith(value.prefix.slice(0, scheme.length)) || value.prefix.startsWith(scheme)
    return mayBeImage ? [unresolved(setting, value.reason)] : []
  }
  if (value.kind !== 'string') return []
  const text = textOf(value)
  if (text.startsWith(scheme)) {
    const pieces = slicePieces(value.pieces, scheme.length, text.length)
    return [
      {
        setting,
        target: readTarget(text.slice(scheme.length)),
        uses: value.uses,
        pieces,
        place: setting.path,
      },
    ]
  }
  const reason = whyFetched(text)
  if (reason === undefined) return []
  return [
    { setting, target: { kind: 'unlockable', reason }, uses: value.uses, pieces: [], place: setting.path },
  ]
}

/** The Dockerfile of a target; undefined where it is not in the project. */
async function readDockerfile(
  target: BakeTarget,
  dockerfiles: DockerfileCache,
): Promise<Dockerfile | undefined> {
  const context = pathOf(target.context, '.')
  const dockerfile = pathOf(target.dockerfile, 'Dockerfile')
  const home = (target.dockerfile ?? target.context ?? [...target.args.values()][0])?.file
  if (target.args.size === 0 || context === undefined || dockerfile === undefined || home === undefined)
    return undefined
  const path = joinPath(home.file, context, dockerfile)
  return path === undefined ? undefined : dockerfiles.read(path)
}

/** A path that a target says; undefined where it is no path, or not known. */
function pathOf(setting: Setting | undefined, otherwise: string): string | undefined {
  if (setting === undefined || setting.value.kind === 'null') return otherwise
  if (setting.value.kind !== 'string') return undefined
  const text = textOf(setting.value)
  return whyFetched(text) === undefined && !/^[a-z-]+:/i.test(text) ? text : undefined
}

function imagesOfBuild(
  target: BakeTarget,
  dockerfile: Dockerfile,
  inline: StringValue | undefined,
): BuildImages {
  const args = new Map<string, string | undefined>()
  for (const [name, { value }] of target.args) {
    if (value.kind !== 'null') args.set(name, value.kind === 'string' ? textOf(value) : undefined)
  }
  const { images } = findNamedImages(dockerfile, { args, contexts: new Set(target.contexts.keys()) })
  const [problem] = dockerfile.problems
  return {
    images: images.flatMap((image) => {
      const chosen = settingOfImage(target, image)
      if (chosen !== undefined) return [givenImage(chosen, image)]
      return inline === undefined || target.inline === undefined
        ? []
        : [inlineImage(target.inline, inline, image)]
    }),
    problems:
      problem === undefined || inline === undefined || target.inline === undefined
        ? []
        : [inlineProblem(target.inline.file, target.inline, problem)],
  }
}

function inlineProblem(
  { file, positions }: BakeFile,
  { expression, path }: Setting,
  {
    message,
    hint,
    line,
  }: { readonly message: string; readonly hint?: string | undefined; readonly line: number },
): FileProblem {
  const place = positions.range(expression.start, expression.end)
  return {
    file,
    line: place.line,
    column: place.column,
    message: `${path}, line ${line} of it: ${message}`,
    hint,
  }
}

/** The first argument of a target that an image is put together with. */
function settingOfImage(target: BakeTarget, { used, missing, pin }: NamedImage): Setting | undefined {
  const names = [
    ...(pin.kind === 'given' ? [pin.name] : []),
    ...[...used].flatMap(({ kind, name }) => (kind === 'given' ? [name] : [])),
    ...missing,
  ]
  return names.map((name) => target.args.get(name)).find((setting) => setting !== undefined)
}

/** An image that an argument chooses. */
function givenImage(setting: Setting, { pin, target }: NamedImage): BakeImage {
  const { value, path } = setting
  if (value.kind !== 'string')
    return unresolved(setting, value.kind === 'unknown' ? value.reason : 'it is no string')
  const pieces = pin.kind === 'given' ? value.pieces : []
  return { setting, target, uses: value.uses, pieces, place: path }
}

/** An image of an inline Dockerfile. */
function inlineImage(
  setting: Setting,
  inline: StringValue,
  { place, target, written, pin }: NamedImage,
): BakeImage {
  const pieces: readonly Piece[] =
    pin.kind === 'text' ? slicePieces(inline.pieces, pin.text.start, pin.text.end) : []
  const [at, ...more] = slicePieces(inline.pieces, written.start, written.end)
  return {
    setting,
    target,
    uses: inline.uses,
    pieces,
    place: `${setting.path}#${place}`,
    written: more.length === 0 ? at?.at : undefined,
  }
}

function unresolved(setting: Setting, reason: string): BakeImage {
  return { setting, target: { kind: 'unresolved', reason }, uses: [], pieces: [], place: setting.path }
}
