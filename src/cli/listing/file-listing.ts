import { type MergedTree, readLayer, readLayers, type ReadLayerOptions } from '../../layers/index.ts'
import type { Fetcher } from '../../content/index.ts'
import type { Descriptor } from '../../oci/index.ts'
import type { ListedFile } from './listed-file.ts'

/** Files that are known whole, to be looked through more than once. */
export interface FileListing {
  /** Sorted name by name, a directory before what is in it. */
  files(): Iterable<ListedFile>
  /** Where paths lead: the path itself with links on the way followed, and the directory that it links to; none where nothing is there. */
  locate(path: string): readonly string[]
}

/** What all layers together show. @throws as `readLayer`. */
export async function mergedListing(
  fetcher: Fetcher,
  layers: readonly Descriptor[],
  options: ReadLayerOptions,
): Promise<FileListing> {
  const tree = await readLayers(fetcher, layers, options)
  return { files: () => tree.files(), locate: (path) => locateMerged(tree, path) }
}

function locateMerged(tree: MergedTree, path: string): readonly string[] {
  if (path === '') return ['']
  const slash = path.lastIndexOf('/')
  const parent = slash < 0 ? '' : tree.resolve(path.slice(0, slash))?.path
  if (parent === undefined) return []
  const name = path.slice(slash + 1)
  const file = tree.get(parent === '' ? name : `${parent}/${name}`)
  if (file === undefined) return []
  const target = file.type === 'symlink' ? tree.resolve(file.path) : undefined
  return target?.type === 'directory' ? [file.path, target.path] : [file.path]
}

/** What one layer holds, also what it removes. @throws as `readLayer`. */
export async function layerListing(
  fetcher: Fetcher,
  layers: readonly Descriptor[],
  number: number,
  options: ReadLayerOptions,
): Promise<FileListing> {
  const layer = layers[number]
  if (layer === undefined) throw new RangeError(`There is no layer ${number}`)
  const files: ListedFile[] = []
  for await (const change of readLayer(fetcher, layer, options)) {
    if (change.kind === 'entry') {
      const { entry, path, hardLinkTo } = change
      const { type, mode, uid, gid, size, mtime } = entry
      const isDevice = type === 'character-device' || type === 'block-device'
      const device = isDevice ? { major: entry.deviceMajor, minor: entry.deviceMinor } : undefined
      const linkPath = type === 'hardlink' ? hardLinkTo : entry.linkPath
      files.push({ path, type, mode, uid, gid, size, mtime, linkPath, device, layer: number })
    } else files.push({ ...removal, type: change.kind, path: change.path, layer: number })
  }
  files.sort((one, other) => compareByName(one.path, other.path))
  return {
    files: () => files,
    locate: (path) => (files.some((file) => isWithin(file.path, path)) ? [path] : []),
  }
}

const removal = { mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, linkPath: '', device: undefined } as const

/** Says whether a path is a directory's or below it. */
export function isWithin(path: string, directory: string): boolean {
  return (
    directory === '' ||
    (path.startsWith(directory) &&
      (path.length === directory.length || path.charCodeAt(directory.length) === slashCode))
  )
}

const slashCode = 47

/** Name by name: what is in a directory comes right behind it. */
function compareByName(one: string, other: string): number {
  const [a, b] = [one.replaceAll('/', '\0'), other.replaceAll('/', '\0')]
  return a < b ? -1 : a > b ? 1 : 0
}
