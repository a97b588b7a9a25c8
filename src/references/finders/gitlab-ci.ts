import type { Finder } from '../finder.ts'
import type { EditSite, Occurrence, OccurrenceTarget, Origin } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf, childrenOf, descendantOf, filledScalar, itemsOf, textOf } from '../yaml/navigate.ts'
import type { ScalarOccurrences } from '../yaml/scalar-occurrence.ts'
import type { YamlNode, YamlScalar } from '../yaml/yaml-node.ts'
import { expandVariables, isOnlyImage, readVariables, type Variables } from './gitlab-ci/variables.ts'
import { readImage } from './read-image.ts'

/** Finds what GitLab's jobs run in and beside. */
export const gitlabCiFinder: Finder = {
  name: 'gitlab-ci',
  mayBe: (file) =>
    /(?:^|\/)(?:[^/]*[._-])?gitlab-ci(?:[._-][^/]*)?\.ya?ml$|(?:^|\/)\.gitlab\/ci\/.+\.ya?ml$/.test(file),
  mayHold: (text) => /\b(?:image|services)\b|\t/.test(text),
  find: async (input) =>
    findInDocuments(input, (documents, make) =>
      documents.flatMap((document) => {
        const variables = readVariables(childOf(document, 'variables'), new Map(), make)
        return [
          ...findInJob(document, '', { document, variables, make, source: input.text }),
          ...childrenOf(document)
            .filter(([name]) => !notJobs.has(name))
            .flatMap(([name, job]) =>
              findInJob(job, `${name}.`, { document, variables, make, source: input.text }),
            ),
        ]
      }),
    ),
}

/** What of the top of a file is no job. */
const notJobs: ReadonlySet<string> = new Set([
  'variables',
  'image',
  'services',
  'include',
  'stages',
  'workflow',
  'spec',
])

/** What a job may refer to. */
interface Surroundings {
  readonly document: YamlNode
  readonly variables: Variables
  readonly make: ScalarOccurrences
  /** The text of the file. */
  readonly source: string
}

function findInJob(job: YamlNode, place: string, around: Surroundings): readonly Occurrence[] {
  const { document, make } = around
  const own = place === '' ? undefined : childOf(job, 'variables')
  const inside =
    own === undefined ? around : { ...around, variables: readVariables(own, around.variables, make) }
  const image = referred(childOf(job, 'image'), document)
  return [
    ...occurrenceOf(image, `${place}image`, inside),
    ...occurrenceOf(childOf(image, 'name'), `${place}image.name`, inside),
    ...itemsOf(childOf(job, 'services')).flatMap((item) => {
      const service = referred(item, document)
      const alias = filledScalar(childOf(service, 'alias'))?.text
      const scalar = filledScalar(service) ?? filledScalar(childOf(service, 'name'))
      return occurrenceOf(scalar, `${place}services[${alias ?? nameOf(scalar)}]`, inside)
    }),
  ]
}

/** What `!reference [job, key]` leads to, the only list that may stand for an image; its first entry where that is in another file. */
function referred(node: YamlNode | undefined, document: YamlNode): YamlNode | undefined {
  if (node?.kind !== 'list') return node
  const keys = node.items.map((item) => textOf(item) ?? '')
  return descendantOf(document, ...keys) ?? node.items[0]
}

/** Of a text that is told in a place. */
const longestName = 500

/** The image without its tag, which would change with every update. */
function nameOf(scalar: YamlScalar | undefined): string {
  return (
    scalar?.text
      .slice(0, longestName)
      .replace(/@.*$/, '')
      .replace(/:[^/]*$/, '') ?? ''
  )
}

function occurrenceOf(
  node: YamlNode | undefined,
  place: string,
  { variables, make, source }: Surroundings,
): readonly Occurrence[] {
  const scalar = filledScalar(node)
  if (scalar === undefined) return []
  const { text, missing, used } = expandVariables(scalar.text, variables)
  const origins: Origin[] = used.map(({ origin }) => origin)
  const [only] = used
  const isWhole = used.length === 1 && only !== undefined && /^\$(?:\w+|\{\w+\})$/.test(scalar.text)
  const names = [...used.map(({ origin }) => origin.name), ...missing].join(', ')
  const target: OccurrenceTarget =
    missing.length === 0
      ? readImage(text)
      : { kind: 'unresolved', reason: `the file gives ${missing.join(', ')} no value` }
  const edit: EditSite =
    only !== undefined && isWhole && !only.origin.value.includes('$') && isOnlyImage(names, source)
      ? make.editOf(only.scalar)
      : { kind: 'none', reason: `it is put together with ${names}` }
  return [
    make.occurrence({
      place,
      scalar,
      target,
      origins,
      edit: scalar.text.includes('$') ? edit : make.editOf(scalar),
    }),
  ]
}
