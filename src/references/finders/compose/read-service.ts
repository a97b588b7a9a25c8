import { childOf, childrenOf, filledScalar, itemsOf, textOf } from '../../yaml/navigate.ts'
import type { YamlNode, YamlScalar } from '../../yaml/yaml-node.ts'

/** A service of a compose file, as far as it says which images it stands on. */
export interface Service {
  readonly name: string
  readonly node: YamlNode
  readonly image: YamlScalar | undefined
  readonly platform: string | undefined
  readonly build: Build | undefined
}

/** How the image of a service is built. */
export interface Build {
  readonly context: YamlScalar | undefined
  readonly dockerfile: YamlScalar | undefined
  readonly inline: YamlScalar | undefined
  readonly args: readonly Pair[]
  readonly contexts: readonly Pair[]
}

/** `name: value` or `name=value`. */
export interface Pair {
  readonly name: string
  /** Undefined where there is none: it comes from the environment. */
  readonly scalar: YamlScalar | undefined
  /** The character of the scalar that the value begins at. */
  readonly from: number
}

/** How many services may extend each other. */
const longestChain = 50

/** The services of a compose file, with what they have from those of the same file that they extend. */
export function readServices(document: YamlNode): readonly Service[] {
  const services = childOf(document, 'services')
  return childrenOf(services).map(([name, node]) => {
    const inherited = (key: string): YamlNode | undefined => {
      let current: YamlNode | undefined = node
      for (let step = 0; step < longestChain && current !== undefined; step += 1) {
        const found = childOf(current, key)
        if (found !== undefined) return found
        const extended: YamlNode | undefined = childOf(current, 'extends')
        if (childOf(extended, 'file') !== undefined) return undefined
        const base: string | undefined = textOf(extended) ?? textOf(childOf(extended, 'service'))
        current = base === undefined ? undefined : childOf(services, base)
      }
      return undefined
    }
    const platform = textOf(inherited('platform'))
    return {
      name,
      node,
      image: filledScalar(childOf(node, 'image')),
      platform: platform === undefined || platform === '' || platform.includes('$') ? undefined : platform,
      build: readBuild(inherited('build')),
    }
  })
}

function readBuild(node: YamlNode | undefined): Build | undefined {
  if (node === undefined) return undefined
  const isMap = node.kind === 'map'
  return {
    context: filledScalar(isMap ? childOf(node, 'context') : node),
    dockerfile: filledScalar(childOf(node, 'dockerfile')),
    inline: filledScalar(childOf(node, 'dockerfile_inline')),
    args: readPairs(childOf(node, 'args')),
    contexts: readPairs(childOf(node, 'additional_contexts')),
  }
}

function readPairs(node: YamlNode | undefined): readonly Pair[] {
  if (node?.kind === 'map')
    return childrenOf(node).map(([name, value]) => ({ name, scalar: filledScalar(value), from: 0 }))
  return itemsOf(node).flatMap((item): readonly Pair[] => {
    const scalar = filledScalar(item)
    if (scalar === undefined) return []
    const equals = scalar.text.indexOf('=')
    return equals < 0
      ? [{ name: scalar.text, scalar: undefined, from: 0 }]
      : [{ name: scalar.text.slice(0, equals), scalar, from: equals + 1 }]
  })
}
