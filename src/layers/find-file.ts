import { Readable } from 'node:stream'
import { pullStream, type TarEntry, type TarHeader } from '../archive/index.ts'
import { type Fetcher, NotFoundError } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { ImpliedDirectories } from './implied-directories.ts'
import { damagedLayer, layerError } from './layer-error.ts'
import { type IndexedEntry, LayerIndex } from './layer-index.ts'
import { linkDestination } from './layer-path.ts'
import { type Location, locateFile } from './locate-file.ts'
import { type LayerChange, readLayer, type ReadLayerOptions } from './read-layer.ts'

/** Options of {@link findFile}. */
export interface FindFileOptions extends ReadLayerOptions {
  /**
   * Read the layer with the file to its end, so that its digest is verified: the stream ends in an error if it
   * is wrong, or if the layer has the file twice. Default false: the transfer ends with the file, whose bytes
   * are then only as good as the source's word.
   */
  readonly verify?: boolean | undefined
}

/** A file found in an image. */
export interface FoundFile {
  /** Where it is, links followed; relative to the root. */
  readonly path: string
  readonly header: TarHeader
  /** Which of `layers` it comes from. */
  readonly layer: number
  /** Its content; empty for what is no regular file. To be read or destroyed. */
  readonly stream: Readable
}

/** As many links as Linux follows. */
const maxLinks = 40

/**
 * Finds one file in the file system that layers make together, links followed inside the root. Layers are
 * read newest first and no further than the answer needs. Layers above the one with the file are read whole
 * and verified; that one is by `verify` only. A layer is opened again only when a link leads to a file in it
 * that has passed.
 *
 * Of a path that one layer has twice, which the specification forbids (layer.md: no duplicate entries), the
 * first is taken.
 *
 * @param layers lowest first, as in a manifest.
 * @throws {NotFoundError} when there is no such file, or links lead in a circle.
 * @throws as {@link readLayer}.
 */
export async function findFile(
  fetcher: Fetcher,
  layers: readonly Descriptor[],
  path: string,
  options: FindFileOptions = {},
): Promise<FoundFile> {
  return new FileSearch(fetcher, layers, path, options).run()
}

class FileSearch {
  readonly #fetcher: Fetcher
  /** Newest first. */
  readonly #layers: readonly Descriptor[]
  readonly #asked: string
  readonly #options: FindFileOptions
  readonly #indexes: LayerIndex[] = []
  readonly #implied = new ImpliedDirectories()
  #path: string
  /** As `#path`, but a hard link's own path rather than its target's. */
  #name: string
  /** The first layer that counts, for a hard link's target. */
  #from = 0
  #links = 0

  constructor(fetcher: Fetcher, layers: readonly Descriptor[], path: string, options: FindFileOptions) {
    this.#fetcher = fetcher
    this.#layers = layers.toReversed()
    this.#asked = path
    this.#options = options
    this.#path = linkDestination('', path)
    this.#name = this.#path
  }

  async run(): Promise<FoundFile> {
    for (const [number, layer] of this.#layers.entries()) {
      const found = await this.#search(number, layer)
      if (found !== undefined) return found
    }
    throw this.#notFound()
  }

  /** Reads one layer, as far as need be; the ones above said nothing certain. */
  async #search(number: number, layer: Descriptor): Promise<FoundFile | undefined> {
    const index = new LayerIndex(this.#implied)
    this.#indexes.push(index)
    const reading = this.#read(layer)
    let isHandedOn = false
    try {
      for (;;) {
        const next = await reading.changes.next()
        if (next.done === true) break
        const change = next.value
        index.add(change)
        if (!isOnTheWay(change.path, this.#path)) continue
        const location = this.#follow()
        if (location.kind !== 'found') continue
        const { entry } = location
        if (change.kind !== 'entry' || location.layer !== number || entry.offset !== change.entry.offset) {
          return await this.#open(location.layer, entry)
        }
        isHandedOn = true
        return this.#found(number, change.entry, reading)
      }
      // Only now are the layer's whiteouts the last word: what they remove, a later entry could have brought back.
      const location = this.#follow()
      if (location.kind === 'absent') throw this.#notFound()
      return location.kind === 'found' ? await this.#open(location.layer, location.entry) : undefined
    } finally {
      if (!isHandedOn) await reading.changes.return()
    }
  }

  /** Looks the path up in what is known, and goes where links lead. */
  #follow(): Location {
    for (;;) {
      const location = locateFile(this.#indexes, this.#path, this.#from, this.#name)
      if (location.kind !== 'link') return location
      if (++this.#links > maxLinks) throw this.#notFound('too many links')
      this.#path = location.path
      this.#from = location.from
      if (!location.isHard) this.#name = location.path
    }
  }

  /** Opens a layer again, for a file in it that has passed. */
  async #open(number: number, wanted: IndexedEntry): Promise<FoundFile> {
    const layer = this.#layers[number]
    if (layer === undefined) throw new RangeError(`There is no layer ${number}`)
    if (wanted.type === 'directory') return this.#directory(number)
    const reading = this.#read(layer)
    let isHandedOn = false
    try {
      for (;;) {
        const next = await reading.changes.next()
        if (next.done === true)
          throw damagedLayer(layer.digest, this.#path, 'is not there at a second reading')
        if (next.value.kind !== 'entry' || next.value.entry.offset !== wanted.offset) continue
        isHandedOn = true
        return this.#found(number, next.value.entry, reading)
      }
    } finally {
      if (!isHandedOn) await reading.changes.return()
    }
  }

  #read(layer: Descriptor): Reading {
    const { limits, signal } = this.#options
    const stop = new AbortController()
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
    return { layer, changes: readLayer(this.#fetcher, layer, { limits, signal: either }), stop }
  }

  #found(number: number, entry: TarEntry, reading: Reading): FoundFile {
    const content = fileContent(this.#path, entry, reading, this.#options.verify ?? false)
    return {
      path: this.#path,
      header: entry,
      layer: this.#layers.length - 1 - number,
      stream: pullStream(content, {
        signal: this.#options.signal,
        onDestroy: () => reading.stop.abort(new Error('The file is not read any further')),
      }),
    }
  }

  /** A directory has nothing to read, and maybe no entry. */
  #directory(number: number): FoundFile {
    return {
      path: this.#path,
      header: { ...directoryHeader, path: this.#path },
      layer: this.#layers.length - 1 - number,
      stream: Readable.from([]),
    }
  }

  #notFound(why?: string): NotFoundError {
    const followed = this.#path === linkDestination('', this.#asked) ? '' : ` (it leads to /${this.#path})`
    return new NotFoundError(
      `Cannot find /${linkDestination('', this.#asked)} in the image: ${why ?? 'there is no such file'}${followed}`,
    )
  }
}

/** A layer that is being read, and what ends that at once. */
interface Reading {
  readonly layer: Descriptor
  readonly changes: AsyncGenerator<LayerChange, void, undefined>
  readonly stop: AbortController
}

const directoryHeader: TarHeader = {
  path: '',
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  userName: '',
  groupName: '',
  mtime: 0,
  size: 0,
  linkPath: '',
  deviceMajor: 0,
  deviceMinor: 0,
  pax: new Map(),
}

/** Whether what stands at `path` may say where `wanted` is. */
function isOnTheWay(path: string, wanted: string): boolean {
  if (path.length >= wanted.length) return path === wanted
  return path === '' || (wanted.startsWith(path) && wanted.charCodeAt(path.length) === 0x2f)
}

async function* fileContent(
  path: string,
  entry: TarEntry,
  { layer, changes }: Reading,
  verify: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (entry.size > 0) yield* entry.body()
    if (!verify) return
    for await (const change of changes) {
      if (change.kind === 'entry' && change.path === path)
        throw damagedLayer(layer.digest, path, 'comes twice')
    }
  } catch (error) {
    throw layerError(layer.digest, error)
  } finally {
    await changes.return()
  }
}
