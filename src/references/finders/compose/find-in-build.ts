import type { Dockerfile } from '../../../dockerfile/index.ts'
import type { FinderInput } from '../../finder.ts'
import type { EditSite, FileFindings, FileProblem, Occurrence, OccurrenceTarget } from '../../occurrence.ts'
import { decodeText } from '../../search/decode-text.ts'
import type { ScalarOccurrences } from '../../yaml/scalar-occurrence.ts'
import type { YamlScalar } from '../../yaml/yaml-node.ts'
import { DockerfileCache } from '../bake/dockerfile-cache.ts'
import { joinPath } from '../bake/join-path.ts'
import { dockerfileFinder } from '../dockerfile.ts'
import type { NamedImage } from '../dockerfile/named-image.ts'
import { findNamedImages } from '../dockerfile/named-images.ts'
import { readImage } from '../read-image.ts'
import { blockOffsets } from './block-offsets.ts'
import type { ComposeValue, ComposeValues } from './compose-value.ts'
import type { Build } from './read-service.ts'

/** Where a service is built. */
export interface BuildPlace {
  readonly input: FinderInput
  readonly make: ScalarOccurrences
  readonly values: ComposeValues
  /** `services.web.build` */
  readonly place: string
}

/** The images that the build of a service names: contexts, arguments that choose one, its Dockerfile where only compose names it. */
export async function findInBuild(build: Build, at: BuildPlace): Promise<FileFindings> {
  const contexts = build.contexts.flatMap((pair) => findInContext(pair, at))
  const dockerfiles = new DockerfileCache(at.input.files)
  if (build.inline !== undefined) {
    const { text } = at.values.read(build.inline)
    const dockerfile = text === undefined ? undefined : dockerfiles.parse(text)
    if (dockerfile !== undefined) {
      const occurrences = [...contexts, ...findInDockerfile(dockerfile, build, at)]
      return { occurrences, problems: inlineProblems(dockerfile, build.inline, at) }
    }
    const target = { kind: 'unresolved', reason: at.values.read(build.inline).problem } as const
    const inline = at.make.occurrence({
      place: `${at.place}.dockerfile_inline`,
      scalar: build.inline,
      target,
    })
    return { occurrences: [...contexts, inline], problems: [] }
  }
  const path = dockerfilePath(build, at)
  if (path === undefined) return { occurrences: contexts, problems: [] }
  const unnamed = await findByContent(path, at)
  const dockerfile = build.args.length === 0 ? undefined : await dockerfiles.read(path)
  const chosen = dockerfile === undefined ? [] : findInDockerfile(dockerfile, build, at)
  return { occurrences: [...contexts, ...chosen, ...unnamed.occurrences], problems: unnamed.problems }
}

const imageScheme = 'docker-image://'

function findInContext(
  { name, scalar, from }: Build['contexts'][number],
  at: BuildPlace,
): readonly Occurrence[] {
  if (scalar?.text.startsWith(imageScheme, from) !== true) return []
  const value = at.values.read(scalar, from + imageScheme.length)
  return [occurrenceOf(value, `${at.place}.additional_contexts.${name}`, at)]
}

/** An occurrence of a value that is an image. */
export function occurrenceOf(
  value: ComposeValue,
  place: string,
  { make }: Pick<BuildPlace, 'make'>,
  platform?: string,
): Occurrence {
  const { scalar, text, problem, origins, edit } = value
  const target: OccurrenceTarget =
    text === undefined ? { kind: 'unresolved', reason: problem } : readImage(text)
  return make.occurrence({ place, scalar, target, origins, edit, platform })
}

/** The Dockerfile's path in the project; undefined where it is elsewhere. */
function dockerfilePath({ context, dockerfile }: Build, { input, values }: BuildPlace): string | undefined {
  const folder = context === undefined ? '.' : values.read(context).text
  const name = dockerfile === undefined ? 'Dockerfile' : values.read(dockerfile).text
  if (folder === undefined || name === undefined || /^[a-z][\w+.-]*:|^git@/i.test(folder)) return undefined
  return joinPath(input.file, folder, name)
}

/** A Dockerfile whose name does not say that it is one is found only here. */
async function findByContent(path: string, { input }: BuildPlace): Promise<FileFindings> {
  const none = { occurrences: [], problems: [] }
  if (dockerfileFinder.mayBe(path)) return none
  const bytes = await input.files.read(path)
  if (bytes === undefined) return none
  const decoded = decodeText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return (await dockerfileFinder.find({ ...input, ...decoded, file: path })) ?? none
}

function findInDockerfile(dockerfile: Dockerfile, build: Build, at: BuildPlace): readonly Occurrence[] {
  const values = new Map(
    build.args.map(({ name, scalar, from }) => [name, scalar && at.values.read(scalar, from)] as const),
  )
  const args = new Map([...values].map(([name, value]) => [name, value?.text] as const))
  const contexts = new Set(build.contexts.map(({ name }) => name))
  const { images } = findNamedImages(dockerfile, { args, contexts })
  return images.flatMap((image) => {
    const name = namesOfGiven(image).find((one) => values.get(one) !== undefined)
    const value = name === undefined ? undefined : values.get(name)
    if (value !== undefined) return [chosenImage(image, value, `${at.place}.args.${name}`, at)]
    return build.inline === undefined ? [] : [inlineImage(image, build.inline, at)]
  })
}

/** The build arguments that an image is put together with. */
function namesOfGiven({ pin, used, missing }: NamedImage): readonly string[] {
  return [
    ...(pin.kind === 'given' ? [pin.name] : []),
    ...[...used].flatMap(({ kind, name }) => (kind === 'given' ? [name] : [])),
    ...missing,
  ]
}

/** An image that an argument chooses. */
function chosenImage(
  { pin, target }: NamedImage,
  value: ComposeValue,
  place: string,
  { make }: BuildPlace,
): Occurrence {
  const edit: EditSite =
    pin.kind === 'given' ? value.edit : { kind: 'none', reason: 'the argument is only a part of the image' }
  const known: OccurrenceTarget =
    value.text === undefined ? { kind: 'unresolved', reason: value.problem } : target
  return make.occurrence({ place, scalar: value.scalar, target: known, origins: value.origins, edit })
}

function inlineImage(
  { place, target, written, pin }: NamedImage,
  inline: YamlScalar,
  { input, make, place: build }: BuildPlace,
): Occurrence {
  const offsets = blockOffsets(inline, input.text)
  const edit: EditSite =
    offsets !== undefined && pin.kind === 'text'
      ? make.editAt({ start: offsets(pin.text.start), end: offsets(pin.text.end) })
      : {
          kind: 'none',
          reason: pin.kind === 'none' ? pin.reason : 'variables or escapes stand in its Dockerfile',
        }
  const scalar: YamlScalar = {
    kind: 'scalar',
    style: 'plain',
    text: written.text,
    start: offsets?.(written.start) ?? inline.start,
    end: offsets?.(written.end) ?? inline.end,
  }
  return make.occurrence({ place: `${build}.dockerfile_inline#${place}`, scalar, target, edit })
}

function inlineProblems(
  { problems }: Dockerfile,
  inline: YamlScalar,
  { input, make, place }: BuildPlace,
): readonly FileProblem[] {
  const { line, column } = make.range(inline)
  return problems.slice(0, 1).map((problem) => ({
    file: input.file,
    line,
    column,
    message: `${place}.dockerfile_inline, line ${problem.line} of it: ${problem.message}`,
    hint: problem.hint,
  }))
}
