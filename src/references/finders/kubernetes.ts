import type { CustomResource, Finder, FinderInput } from '../finder.ts'
import type { FileFindings, Occurrence } from '../occurrence.ts'
import { YamlTreeError } from '../yaml/build-tree.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf, filledScalar, itemsOf, mapOf, textOf } from '../yaml/navigate.ts'
import type { ScalarOccurrences } from '../yaml/scalar-occurrence.ts'
import { findInTemplate } from '../yaml/find-in-template.ts'
import { isTemplate } from '../yaml/template-lines.ts'
import type { YamlNode } from '../yaml/yaml-node.ts'
import { podSpecPath } from './kubernetes/pod-spec-path.ts'
import { selectScalars } from './kubernetes/select-scalars.ts'
import { readImage } from './read-image.ts'

/** Finds what Kubernetes objects run: the containers of pods and of everything that makes pods, and image volumes. */
export const kubernetesFinder: Finder = {
  name: 'kubernetes',
  mayBe: (file) => /\.ya?ml$/i.test(file),
  mayHold: (text) => /^[\uFEFF \t\-{"',]*apiVersion["']?\s*:/m.test(text) && /\bkind\b/.test(text),
  find: findInObjects,
}

/** What does not parse may be a template, whose lines are read. */
async function findInObjects(input: FinderInput): Promise<FileFindings | undefined> {
  const findings = await findInDocuments(input, (documents, make) => {
    const count = { objects: 0 }
    const objects = documents.flatMap((document) => objectsOf(document, count))
    if (objects.length === 0) return undefined
    return objects.flatMap((object) => findInObject(object, input.customResources, make))
  })
  return findings !== undefined && findings.problems.length > 0 && isTemplate(input.text)
    ? findInTemplate(input)
    : findings
}

/** Levels of lists in lists. */
const deepestList = 8

/** Objects of a file that are read: aliases make many of few. */
const mostObjects = 100_000

/** The objects of a document: itself, or those of a `List`. */
function objectsOf(document: YamlNode, count: { objects: number }, depth = 0): readonly YamlNode[] {
  count.objects += 1
  if (count.objects > mostObjects)
    throw new YamlTreeError(0, `it has more than ${mostObjects} objects`, 'Split the file.')
  const kind = textOf(childOf(document, 'kind'))
  if (kind === undefined || textOf(childOf(document, 'apiVersion')) === undefined) return []
  if (!kind.endsWith('List') || mapOf(document)?.entries.has('items') !== true) return [document]
  if (depth >= deepestList) return []
  return itemsOf(childOf(document, 'items')).flatMap((item) => objectsOf(item, count, depth + 1))
}

const podImages = [
  'containers[].image',
  'initContainers[].image',
  'ephemeralContainers[].image',
  'volumes[].image.reference',
]

function findInObject(
  object: YamlNode,
  customResources: readonly CustomResource[],
  make: ScalarOccurrences,
): readonly Occurrence[] {
  const kind = textOf(childOf(object, 'kind')) ?? ''
  const apiVersion = textOf(childOf(object, 'apiVersion')) ?? ''
  const spec = podSpecPath(apiVersion, kind)
  const paths = [
    ...(spec === undefined ? [] : podImages.map((path) => `${spec}.${path}`)),
    ...customResources.filter((one) => isKind(one, apiVersion, kind)).flatMap((one) => one.paths),
  ]
  const metadata = childOf(object, 'metadata')
  const name = textOf(childOf(metadata, 'name')) ?? textOf(childOf(metadata, 'generateName'))
  const prefix = name === undefined || name === '' ? kind : `${kind}/${name}`
  return paths
    .flatMap((path) => selectScalars(object, path))
    .flatMap(({ node, place }) => {
      const scalar = filledScalar(node)
      if (scalar === undefined) return []
      return [make.occurrence({ place: `${prefix}.${place}`, scalar, target: readImage(scalar.text) })]
    })
}

function isKind(resource: CustomResource, apiVersion: string, kind: string): boolean {
  const wanted = resource.apiVersion
  const [group] = apiVersion.split('/')
  return resource.kind === kind && (wanted === undefined || wanted === apiVersion || wanted === group)
}
