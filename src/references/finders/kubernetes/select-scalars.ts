import { YamlTreeError } from '../../yaml/build-tree.ts'
import { itemLabel } from '../../yaml/item-label.ts'
import { childOf, itemsOf } from '../../yaml/navigate.ts'
import type { YamlNode } from '../../yaml/yaml-node.ts'

/** A node that a path leads to, and its place: `spec.containers[name=app].image`. */
interface Selected {
  readonly node: YamlNode
  readonly place: string
}

/** Nodes that one path may lead to; aliases in aliases would lead to ever more. */
const mostSelected = 100_000

/**
 * Gives what a dotted path leads to, `[]` standing for each entry of a list: `spec.containers[].image`.
 *
 * @throws {YamlTreeError} where these are too many.
 */
export function selectScalars(root: YamlNode, path: string): readonly Selected[] {
  let selected: readonly Selected[] = [{ node: root, place: '' }]
  for (const part of path.split('.')) {
    const key = part.replace(/(?:\[\])+$/, '')
    const lists = (part.length - key.length) / 2
    if (key !== '') selected = selected.flatMap(({ node, place }) => step(childOf(node, key), place, key))
    for (let level = 0; level < lists; level += 1) {
      selected = selected.flatMap(({ node, place }) =>
        itemsOf(node).map((item) => ({ node: item, place: `${place}${itemLabel(item)}` })),
      )
    }
    if (selected.length > mostSelected)
      throw new YamlTreeError(0, `${path} leads to more than ${mostSelected} places`, 'Split the file.')
  }
  return selected
}

function step(node: YamlNode | undefined, place: string, key: string): readonly Selected[] {
  return node === undefined ? [] : [{ node, place: place === '' ? key : `${place}.${key}` }]
}
