import { linkDestination } from './layer-path.ts'
import type { IndexedEntry, LayerIndex } from './layer-index.ts'

/** Where a path leads, as far as layers are known. */
export type Location =
  /** The layer at `layer` has it, and nothing above hides that. */
  | { readonly kind: 'found'; readonly layer: number; readonly entry: IndexedEntry }
  /** No layer can have it, whatever comes below. */
  | { readonly kind: 'absent' }
  /** A link leads elsewhere; a hard link to what the layers from `from` on have. */
  | { readonly kind: 'link'; readonly path: string; readonly from: number; readonly isHard: boolean }
  /** The layers that are known do not say. */
  | { readonly kind: 'unknown' }

/**
 * Looks a canonical path up in layers, newest first, without following links: says where one leads.
 *
 * @param from the first layer that counts.
 * @param name `path` as it was before hard links were followed: a symbolic link that they lead to is relative to that.
 */
export function locateFile(
  layers: readonly LayerIndex[],
  path: string,
  from: number,
  name: string,
): Location {
  const parents = parentsOf(path)
  /** So many of the parents are directories by what a layer above says. */
  let directories = 0
  for (const [number, layer] of layers.entries()) {
    if (number < from) continue
    let isRemoved = layer.removes(path)
    let directoriesHere = 0
    for (const [depth, parent] of parents.entries()) {
      isRemoved ||= layer.removesBelow(parent)
      const entry = layer.get(parent)
      if (entry?.type === 'directory') directoriesHere = depth + 1
      else if (entry !== undefined) {
        if (depth < directories) return { kind: 'absent' }
        const rest = path.slice(parent.length + 1)
        if (entry.type === 'hardlink') {
          return { kind: 'link', path: `${entry.target}/${rest}`, from: number, isHard: true }
        }
        if (entry.type !== 'symlink') return { kind: 'absent' }
        const link = name.slice(0, -rest.length - 1)
        return {
          kind: 'link',
          path: joined(linkDestination(link, entry.target), rest),
          from: 0,
          isHard: false,
        }
      }
    }
    const entry = layer.get(path)
    if (entry?.type === 'hardlink') return { kind: 'link', path: entry.target, from: number, isHard: true }
    if (entry?.type === 'symlink') {
      return { kind: 'link', path: linkDestination(name, entry.target), from: 0, isHard: false }
    }
    if (entry !== undefined) return { kind: 'found', layer: number, entry }
    if (isRemoved) return { kind: 'absent' }
    directories = Math.max(directories, directoriesHere)
  }
  return { kind: 'unknown' }
}

/** The directories on the way to a path, the root first. */
function parentsOf(path: string): readonly string[] {
  if (path === '') return []
  const parents = ['']
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    parents.push(path.slice(0, slash))
  }
  return parents
}

function joined(directory: string, rest: string): string {
  return directory === '' ? rest : `${directory}/${rest}`
}
