import type { Finder } from '../finder.ts'
import type { EditSite, Occurrence, OccurrenceTarget } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf, filledScalar, itemsOf, mapOf } from '../yaml/navigate.ts'
import type { ScalarOccurrences } from '../yaml/scalar-occurrence.ts'
import type { YamlNode } from '../yaml/yaml-node.ts'
import { digestSite } from './digest-site.ts'
import { readImage } from './read-image.ts'

/** Finds what kustomizations put in place of images. */
export const kustomizeFinder: Finder = {
  name: 'kustomize',
  mayBe: (file) => /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(file),
  mayHold: (text) => text.includes('images') || text.includes('\t'),
  find: async (input) =>
    findInDocuments(input, (documents, make) =>
      documents
        .flatMap((document) => itemsOf(childOf(document, 'images')))
        .flatMap((image) => findInImage(image, make, input.text)),
    ),
}

/**
 * An entry that says neither tag nor digest renames an image whose tag stands elsewhere: there it is unresolved, since what it comes to
 * is known when the kustomization is built.
 */
function findInImage(image: YamlNode, make: ScalarOccurrences, source: string): readonly Occurrence[] {
  const map = mapOf(image)
  const name = filledScalar(childOf(image, 'name'))
  const newName = filledScalar(childOf(image, 'newName'))
  const written = newName ?? name
  if (map === undefined || written === undefined) return []
  const tag = filledScalar(childOf(image, 'newTag'))
  const digest = filledScalar(childOf(image, 'digest'))
  if (newName === undefined && tag === undefined && digest === undefined) return []
  const suffix = (tag === undefined ? '' : `:${tag.text}`) + (digest === undefined ? '' : `@${digest.text}`)
  const target: OccurrenceTarget =
    suffix === ''
      ? { kind: 'unresolved', reason: 'its tag is that of the image that it takes the place of' }
      : readImage(written.text + suffix)
  const edit: EditSite = digestSite(map, {
    keys: ['newTag', 'newName', 'name'],
    tagKey: 'newTag',
    make,
    source,
  })
  const place = `images[name=${(name ?? written).text}]`
  return [make.occurrence({ place, scalar: tag ?? written, target, edit })]
}
