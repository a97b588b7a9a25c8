import type { EditSite, Occurrence, OccurrenceTarget, Origin } from '../../occurrence.ts'
import { YamlTreeError } from '../../yaml/build-tree.ts'
import { itemLabel } from '../../yaml/item-label.ts'
import { childOf, childrenOf, filledScalar, itemsOf, textOf } from '../../yaml/navigate.ts'
import type { ScalarOccurrences } from '../../yaml/scalar-occurrence.ts'
import type { YamlMap, YamlNode, YamlScalar } from '../../yaml/yaml-node.ts'
import { digestSite } from '../digest-site.ts'
import { readImage } from '../read-image.ts'

/** The file that values stand in. */
export interface ValuesFile {
  readonly make: ScalarOccurrences
  readonly source: string
  readonly appVersion: Origin | undefined
}

/** Nodes that are looked at: aliases of aliases would be ever more. */
const mostNodes = 200_000

/**
 * Finds images in values: `image: {registry, repository, tag, digest}` and `image: "repository:tag"`, however deep.
 *
 * @throws {YamlTreeError} where there are too many values.
 */
export function valuesImages(document: YamlNode, file: ValuesFile): readonly Occurrence[] {
  const found: Occurrence[] = []
  const globalRegistry = filledScalar(childOf(childOf(document, 'global'), 'imageRegistry'))
  const waiting: { readonly node: YamlNode; readonly place: string; readonly key: string }[] = [
    { node: document, place: '', key: '' },
  ]
  let seen = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    seen += 1
    if (seen + waiting.length > mostNodes)
      throw new YamlTreeError(0, `it has more than ${mostNodes} values`, 'Split the file.')
    const { node, place, key } = next
    const image = imageAt(node, key)
    if (image !== undefined) found.push(toOccurrence(image, place, globalRegistry, file))
    for (const [name, child] of childrenOf(node))
      waiting.push({ node: child, place: place === '' ? name : `${place}.${name}`, key: name })
    for (const item of itemsOf(node)) waiting.push({ node: item, place: place + itemLabel(item), key: '' })
  }
  return found
}

/** What names an image: a text, or a map with its parts. */
type ValuesImage =
  | { readonly kind: 'text'; readonly scalar: YamlScalar }
  | { readonly kind: 'map'; readonly map: YamlMap; readonly repository: YamlScalar }

function imageAt(node: YamlNode, key: string): ValuesImage | undefined {
  if (node.kind === 'scalar') {
    // A word alone, as `image: busybox`, may be part of a name that a template puts together; so it needs a tag, a digest, or a path.
    const isNamed = /^(?:image|.*Image)$/.test(key) && /[:/@]/.test(node.text) && !/\s/.test(node.text)
    return isNamed ? { kind: 'text', scalar: node } : undefined
  }
  if (node.kind !== 'map') return undefined
  const repository = filledScalar(childOf(node, 'repository')) ?? filledScalar(childOf(node, 'name'))
  if (repository === undefined || /:\/\//.test(repository.text)) return undefined
  const hasRepository = node.entries.has('repository')
  const isImage = /image$/i.test(key)
  const hasVersion = node.entries.has('tag') || node.entries.has('digest')
  if (!(isImage && (hasRepository || hasVersion)) && !(hasRepository && hasVersion)) return undefined
  return { kind: 'map', map: node, repository }
}

function toOccurrence(
  image: ValuesImage,
  place: string,
  globalRegistry: YamlScalar | undefined,
  file: ValuesFile,
): Occurrence {
  const { make, appVersion } = file
  if (image.kind === 'text')
    return make.occurrence({ place, scalar: image.scalar, target: readImage(image.scalar.text) })
  const { map, repository } = image
  const registry = filledScalar(map.entries.get('registry')?.value) ?? globalRegistry
  const tag = textOf(childOf(map, 'tag')) ?? ''
  const digest = textOf(childOf(map, 'digest')) ?? ''
  const version = tag === '' && digest === '' ? appVersion?.value : tag
  const name = registry === undefined ? repository.text : `${registry.text}/${repository.text}`
  const suffix =
    (version === undefined || version === '' ? '' : `:${version}`) + (digest === '' ? '' : `@${digest}`)
  const target: OccurrenceTarget =
    suffix === '' && !/[:@]/.test(repository.text)
      ? { kind: 'unresolved', reason: 'it has no tag, and no Chart.yaml beside it says an appVersion' }
      : readImage(name + suffix)
  const isByVersion = tag === '' && digest === '' && appVersion !== undefined
  return make.occurrence({
    place,
    scalar: filledScalar(map.entries.get('tag')?.value) ?? repository,
    target,
    origins: isByVersion ? [appVersion] : [],
    edit: isByVersion
      ? { kind: 'none', reason: 'its tag is the appVersion of Chart.yaml' }
      : editOf(map, file),
  })
}

/** A chart that has no `digest` in its values may not read one: a digest that is added would be heeded by nobody. */
function editOf(map: YamlMap, { make, source }: ValuesFile): EditSite {
  return map.entries.has('digest')
    ? digestSite(map, { keys: [], tagKey: 'tag', make, source })
    : { kind: 'none', reason: 'it has no digest beside its tag; add digest: "" where the chart reads one' }
}
