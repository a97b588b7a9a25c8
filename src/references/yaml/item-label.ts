import { textOf, childOf } from './navigate.ts'
import type { YamlNode } from './yaml-node.ts'

/** How an entry of a list is told in a place, without its number: `[name=app]`, or `[]` where nothing names it. */
export function itemLabel(item: YamlNode): string {
  for (const key of ['name', 'id', 'key']) {
    const text = textOf(childOf(item, key))
    if (text !== undefined && text !== '') return `[${key}=${text}]`
  }
  return '[]'
}
