import { type ArchiveLimits, decompress, readTar, type TarEntry } from '../archive/index.ts'
import { type Fetcher, fetchVerified, LimitExceededError } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { damagedLayer, layerError } from './layer-error.ts'
import { cleanLayerPath, parentPath } from './layer-path.ts'
import { LinkedDirectories } from './linked-directories.ts'

/** Options of everything that reads layers. */
export interface ReadLayerOptions {
  /** Bounds for each layer. */
  readonly limits?: ArchiveLimits | undefined
  /** Ends the reading; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a layer does to the file system below it (OCI image specification, layer.md). Paths are canonical:
 * relative to the root, which is the empty path.
 */
export type LayerChange =
  | {
      /** Adds or replaces what is at `path`; a directory over a directory keeps what is in it. */
      readonly kind: 'entry'
      readonly path: string
      /** The canonical path of a hard link's target; empty for everything else. */
      readonly hardLinkTo: string
      readonly entry: TarEntry
    }
  /** Removes what lower layers have at `path` and below; nothing of this layer. */
  | { readonly kind: 'whiteout'; readonly path: string }
  /** Removes what lower layers have below `path`; nothing of this layer. */
  | { readonly kind: 'opaque'; readonly path: string }

/**
 * The changes of a layer in archive order, verified: unless the whole layer has the descriptor's size and
 * digest, the end is an error. Leaving the loop early ends the transfer, and nothing was verified then.
 *
 * Metadata of aufs (`.wh..wh.*`) are passed over.
 *
 * @throws {DamagedContentError} for a damaged layer, an entry or hard link that leaves the root, a whiteout
 *   without a name.
 * @throws {LimitExceededError} past one of the limits.
 */
export async function* readLayer(
  fetcher: Fetcher,
  layer: Descriptor,
  options: ReadLayerOptions = {},
): AsyncGenerator<LayerChange, void, undefined> {
  const { limits, signal } = options
  const reader = new ChangeReader(layer)
  try {
    const compressed = await fetchVerified(fetcher, layer, { signal })
    const { stream } = await decompress(compressed, { limits, signal })
    for await (const entry of readTar(stream, { limits, signal })) {
      const change = reader.read(entry)
      if (change !== undefined) yield change
    }
  } catch (error) {
    throw layerError(layer.digest, error)
  }
}

const whiteoutPrefix = '.wh.'
const metadataPrefix = '.wh..wh.'
const opaqueMarker = '.wh..wh..opq'

class ChangeReader {
  readonly #layer: Descriptor
  readonly #links = new LinkedDirectories()

  constructor(layer: Descriptor) {
    this.#layer = layer
  }

  read(entry: TarEntry): LayerChange | undefined {
    const path = this.#locate(entry.path, entry.path, 'leaves the root')
    if (path.includes(whiteoutPrefix)) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      if (name === opaqueMarker) return { kind: 'opaque', path: parentPath(path) }
      if (/(?:^|\/)\.wh\.[^/]*\//.test(path) || name.startsWith(metadataPrefix)) return undefined
      if (name.startsWith(whiteoutPrefix)) return this.#whiteout(path, name.slice(whiteoutPrefix.length))
    }
    if (path === '' && entry.type !== 'directory') {
      throw damagedLayer(this.#layer.digest, entry.path, 'puts something else than a directory at the root')
    }
    this.#links.note(path, entry.type === 'symlink' ? entry.linkPath : undefined)
    const hardLinkTo =
      entry.type === 'hardlink'
        ? this.#locate(entry.linkPath, entry.path, 'is a hard link that leaves the root')
        : ''
    return { kind: 'entry', path, hardLinkTo, entry }
  }

  #whiteout(path: string, name: string): LayerChange {
    if (name === '' || name === '.' || name === '..') {
      throw damagedLayer(this.#layer.digest, path, 'is a whiteout of nothing that has a name')
    }
    const parent = parentPath(path)
    return { kind: 'whiteout', path: parent === '' ? name : `${parent}/${name}` }
  }

  #locate(path: string, entryPath: string, problem: string): string {
    const clean = cleanLayerPath(path)
    if (clean === undefined) throw damagedLayer(this.#layer.digest, entryPath, problem)
    const located = this.#links.locate(clean)
    if (located === undefined)
      throw damagedLayer(this.#layer.digest, entryPath, 'stands below links that go in a circle')
    // A path that is not longer cannot be deeper.
    if (located.length > 2 * maxDepth && located.split('/').length > maxDepth) throw this.#tooDeep(entryPath)
    return located
  }

  #tooDeep(path: string): LimitExceededError {
    return new LimitExceededError(
      `Cannot read layer ${this.#layer.digest}: entry ${JSON.stringify(path.slice(0, 200))} is more than ${maxDepth} directories deep`,
    )
  }
}

/** As deep as a path of PATH_MAX (4096) bytes can lead on Linux. */
const maxDepth = 2048
