import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { LadingError } from '../../errors/index.ts'
import { readScalar } from './read-scalar.ts'
import type { YamlEntry, YamlMap, YamlNode } from './yaml-node.ts'

/** Entries of maps that merges may make, a document. */
const mostMerged = 200_000

/** A document that is YAML and cannot be read all the same. The message is a reason alone. */
export class YamlTreeError extends LadingError<'YAML_TREE'> {
  /** In UTF-16 units of the text. */
  readonly offset: number

  constructor(offset: number, reason: string, hint: string) {
    super('YAML_TREE', reason, { hint })
    this.offset = offset
  }
}

/**
 * Gives the tree of a document: undefined where it is empty.
 *
 * @throws {YamlTreeError} for a key that is there twice, an alias without an anchor or inside its own, and for merges beyond all measure.
 */
export function buildTree(document: Document, source: string): YamlNode | undefined {
  return new TreeBuilder(source).build(document.contents) ?? undefined
}

/** Goes through one document in the order of its text: an alias means the last anchor of its name above it. */
class TreeBuilder {
  readonly #source: string
  readonly #anchors = new Map<string, YamlNode | undefined>()
  #merged = 0

  constructor(source: string) {
    this.#source = source
  }

  build(node: unknown): YamlNode | undefined {
    if (isAlias(node)) return this.#follow(node.source, node.range?.[0] ?? 0)
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, undefined)
    const built = this.#buildNode(node)
    if (anchor !== undefined && built !== undefined) this.#anchors.set(anchor, built)
    return built
  }

  #buildNode(node: unknown): YamlNode | undefined {
    if (isScalar(node)) return readScalar(node, this.#source)
    if (isMap(node)) return this.#buildMap(node)
    return isSeq(node) ? this.#buildList(node) : undefined
  }

  #buildList(node: YAMLSeq): YamlNode {
    return {
      kind: 'list',
      items: node.items.map((item) => this.build(item)).filter((item) => item !== undefined),
    }
  }

  #buildMap(node: YAMLMap): YamlMap {
    const own = new Map<string, YamlEntry>()
    const merges: YamlNode[] = []
    for (const pair of node.items) {
      if (!isPair(pair)) continue
      const value = this.build(pair.value)
      if (!isScalar(pair.key) || value === undefined) continue
      const key = keyText(pair.key)
      if (key === '<<' && pair.key.type === 'PLAIN') merges.push(value)
      else if (own.has(key)) throw duplicate(pair.key.range?.[0] ?? 0, key)
      else own.set(key, { keyStart: pair.key.range?.[0] ?? 0, isOwn: true, value })
    }
    const entries = merges.length === 0 ? own : this.#merge(own, merges, node.range?.[0] ?? 0)
    return { kind: 'map', entries, isFlow: node.flow === true }
  }

  /** Adds what `<<` brings: what is in the map itself wins, and of several merged maps the first. */
  #merge(
    own: ReadonlyMap<string, YamlEntry>,
    merges: readonly YamlNode[],
    offset: number,
  ): ReadonlyMap<string, YamlEntry> {
    const entries = new Map(own)
    for (const merged of merges.flatMap((node) => (node.kind === 'list' ? node.items : [node]))) {
      if (merged.kind !== 'map') continue
      this.#merged += merged.entries.size
      if (this.#merged > mostMerged)
        throw new YamlTreeError(
          offset,
          'its merges (<<) are too many',
          'Write the keys where they are needed.',
        )
      for (const [key, entry] of merged.entries)
        if (!entries.has(key)) entries.set(key, { ...entry, isOwn: false })
    }
    return entries
  }

  #follow(name: string, offset: number): YamlNode {
    const node = this.#anchors.get(name)
    if (node !== undefined) return node
    throw this.#anchors.has(name)
      ? new YamlTreeError(offset, `*${name} stands inside its own anchor`, `Put &${name} elsewhere.`)
      : new YamlTreeError(
          offset,
          `there is no anchor &${name} above *${name}`,
          `Write &${name} at the value that is meant.`,
        )
  }
}

function duplicate(offset: number, key: string): YamlTreeError {
  const shown = JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key)
  return new YamlTreeError(
    offset,
    `it is not valid YAML: the key ${shown} is there twice`,
    'Keep one of the two.',
  )
}

function keyText(key: Scalar): string {
  return key.source ?? ''
}
