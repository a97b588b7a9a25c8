import type { YamlMap, YamlNode, YamlScalar } from './yaml-node.ts'

/** What a key of a map stands for; undefined where `node` is no map or has no such key. */
export function childOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined
}

/** What is reached by keys, one after the other. */
export function descendantOf(node: YamlNode | undefined, ...keys: readonly string[]): YamlNode | undefined {
  return keys.reduce(childOf, node)
}

/** The entries of a map by key; none where it is no map. */
export function childrenOf(node: YamlNode | undefined): readonly (readonly [string, YamlNode])[] {
  return node?.kind === 'map' ? [...node.entries].map(([key, { value }]) => [key, value] as const) : []
}

/** The entries of a list; none where it is no list. */
export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'list' ? node.items : []
}

/** The node, where it is a map. */
export function mapOf(node: YamlNode | undefined): YamlMap | undefined {
  return node?.kind === 'map' ? node : undefined
}

/** The node, where it is a scalar that is not empty. */
export function filledScalar(node: YamlNode | undefined): YamlScalar | undefined {
  return node?.kind === 'scalar' && node.text !== '' ? node : undefined
}

/** The text of a scalar; undefined where there is none. */
export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.text : undefined
}
