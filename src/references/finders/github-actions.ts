import type { Finder } from '../finder.ts'
import type { Occurrence, OccurrenceTarget } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf, childrenOf, descendantOf, filledScalar, itemsOf } from '../yaml/navigate.ts'
import type { ScalarOccurrences } from '../yaml/scalar-occurrence.ts'
import { itemLabel } from '../yaml/item-label.ts'
import type { YamlNode, YamlScalar } from '../yaml/yaml-node.ts'
import { readImage } from './read-image.ts'

/** Finds what GitHub's workflows and actions run in, beside, and as steps. */
export const githubActionsFinder: Finder = {
  name: 'github-actions',
  mayBe: (file) =>
    /(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/.test(file) ||
    /(?:^|\/)action\.ya?ml$/.test(file),
  mayHold: (text) => /docker:\/\/|\bcontainer\b|\bservices\b|\bimage\b|\t/.test(text),
  find: async (input) =>
    findInDocuments(input, (documents, make) => {
      if (!documents.some((document) => childOf(document, 'jobs') ?? childOf(document, 'runs')))
        return undefined
      return documents.flatMap((document) => [
        ...childrenOf(childOf(document, 'jobs')).flatMap(([name, job]) =>
          findInJob(job, `jobs.${name}`, make),
        ),
        ...findInAction(childOf(document, 'runs'), make),
      ])
    }),
}

const scheme = 'docker://'

function findInJob(job: YamlNode, place: string, make: ScalarOccurrences): readonly Occurrence[] {
  const container = childOf(job, 'container')
  const services = childrenOf(childOf(job, 'services'))
  return [
    ...imageOf(container, `${place}.container`, make),
    ...imageOf(childOf(container, 'image'), `${place}.container.image`, make),
    ...services.flatMap(([name, service]) =>
      imageOf(childOf(service, 'image'), `${place}.services.${name}.image`, make),
    ),
    ...findInSteps(childOf(job, 'steps'), `${place}.steps`, make),
  ]
}

/** An action: a container that is built from a Dockerfile (`Dockerfile`) or run (`docker://…`), or steps of its own. */
function findInAction(runs: YamlNode | undefined, make: ScalarOccurrences): readonly Occurrence[] {
  const image = filledScalar(childOf(runs, 'image'))
  return [
    ...(image?.text.startsWith(scheme) === true ? imageOf(image, 'runs.image', make) : []),
    ...findInSteps(descendantOf(runs, 'steps'), 'runs.steps', make),
  ]
}

function findInSteps(
  steps: YamlNode | undefined,
  place: string,
  make: ScalarOccurrences,
): readonly Occurrence[] {
  return itemsOf(steps).flatMap((step) => {
    const uses = filledScalar(childOf(step, 'uses'))
    if (uses?.text.startsWith(scheme) !== true) return []
    return imageOf(uses, `${place}${itemLabel(step)}.uses`, make)
  })
}

function imageOf(node: YamlNode | undefined, place: string, make: ScalarOccurrences): readonly Occurrence[] {
  const scalar = filledScalar(node)
  if (scalar === undefined) return []
  const from = scalar.text.startsWith(scheme) ? scheme.length : 0
  return [make.occurrence({ place, scalar, target: targetOf(scalar, from), edit: make.editOf(scalar, from) })]
}

function targetOf({ text }: YamlScalar, from: number): OccurrenceTarget {
  return text.includes('${{')
    ? { kind: 'unresolved', reason: 'an expression (${{ … }}) fills it in' }
    : readImage(text.slice(from))
}
