import type { TarEntryType } from '../archive/index.ts'
import type { Fetcher } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { ImpliedDirectories } from './implied-directories.ts'
import { damagedLayer } from './layer-error.ts'
import { linkDestination } from './layer-path.ts'
import { type LayerChange, readLayer, type ReadLayerOptions } from './read-layer.ts'
import { TreeNode } from './tree-node.ts'

/** A file of the merged view. */
export interface MergedFile {
  /** Relative to the root, without a leading slash; empty for the root. */
  readonly path: string
  readonly type: TarEntryType
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes; 0 for a hard link, whose target has them. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** A symlink's target as written; a hard link's relative to the root. */
  readonly linkPath: string
  /** Of a device file; undefined for everything else. */
  readonly device: { readonly major: number; readonly minor: number } | undefined
  /** The layer that it comes from, 0 the lowest. */
  readonly layer: number
}

/**
 * Reads all layers, lowest first, into the file system that they make.
 *
 * @throws as {@link readLayer}.
 */
export async function readLayers(
  fetcher: Fetcher,
  layers: readonly Descriptor[],
  options: ReadLayerOptions = {},
): Promise<MergedTree> {
  const tree = new MergedTree()
  for (const layer of layers) {
    tree.beginLayer(layer)
    for await (const change of readLayer(fetcher, layer, options)) tree.apply(change)
  }
  return tree
}

/** As many links as Linux follows. */
const maxLinks = 40

/**
 * The file system that layers make together (OCI image specification, layer.md, "Applying Changesets"),
 * without contents. A directory that no layer has an entry for, only files in it, has mode 0755.
 */
export class MergedTree {
  readonly #root: TreeNode = TreeNode.implied('', 0)
  readonly #implied = new ImpliedDirectories()
  #layer = -1
  #descriptor: Descriptor | undefined

  /** Begins the next layer; the changes of {@link apply} are its. */
  beginLayer(layer: Descriptor): void {
    this.#layer++
    this.#descriptor = layer
  }

  apply(change: LayerChange): void {
    switch (change.kind) {
      case 'entry':
        return this.#put(change)
      case 'whiteout':
        return this.#remove(change.path)
      case 'opaque':
        return this.#find(change.path)?.removeBelow(this.#layer)
      default:
        return change satisfies never
    }
  }

  /** What is at a path, links not followed; undefined when there is nothing. */
  get(path: string): MergedFile | undefined {
    const node = this.#find(path)
    return node && toFile(path, node)
  }

  /** What a path leads to, links followed inside the root; undefined when that is nothing, or a circle. */
  resolve(path: string): MergedFile | undefined {
    let rest = linkDestination('', path)
    for (let links = 0; links <= maxLinks; links++) {
      const next = this.#followFirst(rest)
      if (next === undefined) return this.get(rest)
      rest = next
    }
    return undefined
  }

  /** All files but the root, or those below `path`: sorted name by name, a directory before what is in it. */
  *files(path = ''): Generator<MergedFile, void, undefined> {
    const node = this.#find(path)
    if (node !== undefined) yield* below(path, node)
  }

  #put({ path, hardLinkTo, entry }: LayerChange & { kind: 'entry' }): void {
    if (path === '') return this.#root.describe(entry, '', this.#layer)
    const slash = path.lastIndexOf('/')
    const parent = this.#directory(slash < 0 ? '' : path.slice(0, slash), entry.path)
    const name = detached(path.slice(slash + 1))
    const there = parent.children?.get(name)
    if (there?.isDirectory === true && entry.type === 'directory') {
      return there.describe(entry, '', this.#layer)
    }
    if (there?.hasBelow(this.#layer) === true) {
      throw this.#damaged(entry.path, 'replaces a directory that the same layer has filled')
    }
    const node = TreeNode.implied(name, this.#layer)
    node.describe(entry, hardLinkTo, this.#layer)
    parent.add(node)
  }

  /** The directory at a path, made where it is not. */
  #directory(path: string, entryPath: string): TreeNode {
    let node = this.#root
    if (path === '') return node
    for (const name of path.split('/')) {
      let child = node.children?.get(name)
      if (child?.isDirectory === false && child.layer === this.#layer) {
        throw this.#damaged(entryPath, 'stands below something that is no directory in the same layer')
      }
      if (child?.isDirectory !== true) {
        this.#implied.add()
        child = TreeNode.implied(name, this.#layer)
        node.add(child)
      }
      node = child
    }
    return node
  }

  #remove(path: string): void {
    const slash = path.lastIndexOf('/')
    const parent = this.#find(slash < 0 ? '' : path.slice(0, slash))
    parent?.removeChild(path.slice(slash + 1), this.#layer)
  }

  #find(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root
    if (path === '') return node
    for (const name of path.split('/')) node = node?.children?.get(name)
    return node
  }

  #followFirst(path: string): string | undefined {
    const names = path.split('/')
    let node: TreeNode | undefined = this.#root
    for (const [index, name] of names.entries()) {
      node = node?.children?.get(name)
      if (node?.type === 'symlink') {
        const link = names.slice(0, index + 1).join('/')
        return [linkDestination(link, node.linkPath), ...names.slice(index + 1)].filter(Boolean).join('/')
      }
    }
    return undefined
  }

  #damaged(path: string, problem: string): Error {
    if (this.#descriptor === undefined) throw new TypeError('beginLayer() comes before apply()')
    return damagedLayer(this.#descriptor.digest, path, problem)
  }
}

function* below(path: string, node: TreeNode): Generator<MergedFile, void, undefined> {
  const directories = [{ path, children: sortedChildren(node) }]
  for (let last = directories.at(-1); last !== undefined; last = directories.at(-1)) {
    const { done, value: child } = last.children.next()
    if (done === true) {
      directories.pop()
      continue
    }
    const childPath = last.path === '' ? child.name : `${last.path}/${child.name}`
    yield toFile(childPath, child)
    if (child.children !== undefined) directories.push({ path: childPath, children: sortedChildren(child) })
  }
}

function sortedChildren(node: TreeNode): IterableIterator<TreeNode, undefined> {
  return [...(node.children?.values() ?? [])]
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .values()
}

function toFile(path: string, node: TreeNode): MergedFile {
  const { type, mode, uid, gid, size, mtime, linkPath, device, layer } = node
  return { path, type, mode, uid, gid, size, mtime, linkPath, device, layer }
}

/** The same text without what it was cut from: V8 keeps a whole path for a slice of it, once for each file. */
function detached(text: string): string {
  return text.isWellFormed() ? Buffer.from(text).toString() : text
}
