import type { Finder, FinderInput } from '../finder.ts'
import type { FileFindings, FileProblem, Occurrence } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf, filledScalar, itemsOf, textOf } from '../yaml/navigate.ts'
import { ComposeValues } from './compose/compose-value.ts'
import { type BuildPlace, findInBuild, occurrenceOf } from './compose/find-in-build.ts'
import { readEnvironment } from './compose/read-environment.ts'
import { readServices, type Service } from './compose/read-service.ts'

/** Finds what the services of compose files run and are built on. */
export const composeFinder: Finder = {
  name: 'compose',
  mayBe: (file) => /(?:^|\/)(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml$/i.test(file),
  mayHold: (text) => /\b(?:image|build|extends)\b|<<|\t/.test(text),
  find: findInCompose,
}

async function findInCompose(input: FinderInput): Promise<FileFindings | undefined> {
  const { file, files } = input
  const problems: FileProblem[] = []
  const findings = await findInDocuments(input, async (documents, make) => {
    if (!documents.some((document) => childOf(document, 'services') !== undefined)) return undefined
    const environment = await readEnvironment(files, file.slice(0, file.lastIndexOf('/') + 1))
    const values = new ComposeValues(make, environment)
    const found: Occurrence[] = []
    for (const service of documents.flatMap(readServices)) {
      const at = { input, make, values, place: `services.${service.name}.build` }
      found.push(...findInService(service, at))
      if (service.build === undefined) continue
      const build = await findInBuild(service.build, at)
      found.push(...build.occurrences)
      problems.push(...build.problems)
    }
    return found
  })
  return findings && { ...findings, problems: [...findings.problems, ...problems] }
}

/** `image` of a service that is built is the name that the build gives, and no image that it stands on. */
function findInService(
  { name, node, image, platform, build }: Service,
  at: BuildPlace,
): readonly Occurrence[] {
  const place = `services.${name}`
  const own =
    image === undefined || build !== undefined || textOf(childOf(node, 'pull_policy')) === 'build'
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
