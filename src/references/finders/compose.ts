import type { Finder, FinderInput } from '../finder.ts'
import type { FileFindings, FileProblem, Occurrence } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf, filledScalar, itemsOf, textOf } from '../yaml/navigate.ts'
import { decodeText } from '../search/decode-text.ts'
import { servicesBuiltBeside } from './compose/built-beside.ts'
import { namedFiles } from './compose/named-files.ts'
import { ComposeValues } from './compose/compose-value.ts'
import { type BuildPlace, findInBuild, occurrenceOf } from './compose/find-in-build.ts'
import { readEnvironment } from './compose/read-environment.ts'
import { readServices, type Service } from './compose/read-service.ts'

/** Finds what the services of compose files run and are built on. */
export const composeFinder: Finder = {
  name: 'compose',
  mayBe: (file) => /(?:^|\/)(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml$/i.test(file),
  mayHold: (text) => /\b(?:image|build|extends|include)\b|<<|\t/.test(text),
  find: async (input) => findInCompose(input, new Set([input.file])),
}

/** @param seen The files that were looked at, this one included. */
async function findInCompose(input: FinderInput, seen: Set<string>): Promise<FileFindings | undefined> {
  const { file, files } = input
  const problems: FileProblem[] = []
  const findings = await findInDocuments(input, async (documents, make) => {
    const others = documents.flatMap((document) => namedFiles(document, file))
    if (others.length === 0 && !documents.some((document) => childOf(document, 'services'))) return undefined
    const environment = await readEnvironment(files, file.slice(0, file.lastIndexOf('/') + 1))
    const values = new ComposeValues(make, environment)
    const builtBeside = await servicesBuiltBeside(input)
    const found: Occurrence[] = []
    const add = (more: FileFindings): void => {
      found.push(...more.occurrences)
      problems.push(...more.problems)
    }
    for (const service of documents.flatMap(readServices)) {
      const at = { input, make, values, place: `services.${service.name}.build` }
      found.push(...findInService(service, at, builtBeside))
      if (service.build !== undefined) add(await findInBuild(service.build, at))
    }
    for (const other of others) add(await findInOther(other, input, seen))
    return found
  })
  return findings && { ...findings, problems: [...findings.problems, ...problems] }
}

/** A compose file whose name does not say that it is one is found only where another names it. */
async function findInOther(file: string, input: FinderInput, seen: Set<string>): Promise<FileFindings> {
  const none = { occurrences: [], problems: [] }
  if (seen.has(file) || seen.size > mostFiles || composeFinder.mayBe(file)) return none
  seen.add(file)
  const bytes = await input.files.read(file)
  if (bytes === undefined) return none
  const decoded = decodeText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return (await findInCompose({ ...input, ...decoded, file }, seen)) ?? none
}

/** How many files one may lead to. */
const mostFiles = 100

/** `image` of a service that is built is the name that the build gives, and no image that it stands on. */
function findInService(
  { name, node, image, platform, build }: Service,
  at: BuildPlace,
  builtBeside: ReadonlySet<string>,
): readonly Occurrence[] {
  const place = `services.${name}`
  const own =
    image === undefined ||
    build !== undefined ||
    builtBeside.has(name) ||
    textOf(childOf(node, 'pull_policy')) === 'build'
      ? []
      : [occurrenceOf(at.values.read(image), `${place}.image`, at, platform)]
  const mounted = itemsOf(childOf(node, 'volumes')).flatMap((volume) => {
    const source = filledScalar(childOf(volume, 'source'))
    if (source === undefined || textOf(childOf(volume, 'type')) !== 'image') return []
    const target = textOf(childOf(volume, 'target')) ?? ''
    return [occurrenceOf(at.values.read(source), `${place}.volumes[target=${target}].source`, at)]
  })
  return [...own, ...mounted]
}
