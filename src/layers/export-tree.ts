import type { Readable } from 'node:stream'
import {
  encodeTarHeader,
  pullStream,
  type TarEntry,
  type TarHeader,
  tarEnd,
  tarPadding,
} from '../archive/index.ts'
import type { Fetcher } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { ByteBatch } from './byte-batch.ts'
import { HeldLinks } from './held-links.ts'
import { HiddenPaths } from './hidden-paths.ts'
import { damagedLayer, layerError } from './layer-error.ts'
import { LayerLinks } from './layer-links.ts'
import { parentPath } from './layer-path.ts'
import { type LayerChange, readLayer, type ReadLayerOptions } from './read-layer.ts'

/**
 * The file system that layers make together as a tar stream: newest layer first, each in archive order,
 * a hard link after its target, nothing held but names. The same layers give the same bytes.
 *
 * Every layer is read to its end and verified; the stream ends in an error where one is not what its
 * descriptor says, so what was written by then must be thrown away. A layer is read a second time only when
 * a hard link stays visible whose target a newer layer hides. A path that one layer has twice, which the
 * specification forbids, comes twice: extraction keeps the last.
 *
 * @param layers lowest first, as in a manifest.
 * @throws as {@link readLayer}; and {@link DamagedContentError} for a hard link without a target.
 */
export function exportTree(
  fetcher: Fetcher,
  layers: readonly Descriptor[],
  options: ReadLayerOptions = {},
): Readable {
  const reading = new AbortController()
  const signal =
    options.signal === undefined ? reading.signal : AbortSignal.any([options.signal, reading.signal])
  const exporter = new TreeExporter(fetcher, layers, { ...options, signal })
  return pullStream(exporter.bytes(), {
    signal: options.signal,
    onDestroy: () => reading.abort(new Error('The exported stream was closed')),
  })
}

/** A change that adds something. */
type EntryChange = LayerChange & { readonly kind: 'entry' }

class TreeExporter {
  readonly #fetcher: Fetcher
  readonly #layers: readonly Descriptor[]
  readonly #options: ReadLayerOptions
  readonly #batch = new ByteBatch()
  readonly #paths = new HiddenPaths()
  /** Hard links whose target has not come yet. */
  readonly #held = new HeldLinks()

  constructor(fetcher: Fetcher, layers: readonly Descriptor[], options: ReadLayerOptions) {
    this.#fetcher = fetcher
    this.#layers = layers
    this.#options = options
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const layer of this.#layers.toReversed()) {
      try {
        yield* this.#layer(layer)
      } catch (error) {
        throw layerError(layer.digest, error)
      }
    }
    this.#held.demandNone()
    this.#batch.add(tarEnd)
    yield* this.#batch.takeAll()
  }

  async *#layer(layer: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
    const links = new LayerLinks()
    for await (const change of readLayer(this.#fetcher, layer, this.#options)) {
      if (change.kind === 'whiteout') this.#paths.noteWhiteout(change.path)
      else if (change.kind === 'opaque') this.#paths.noteOpaque(change.path)
      else {
        const names = this.#place(layer, links, change)
        if (names.length > 0 && !this.#fileNow(change.entry, names)) yield* this.#file(change.entry, names)
        if (this.#batch.isReady) yield* this.#batch.take()
      }
    }
    if (links.wantsBodies) yield* this.#hiddenFiles(layer, links)
    this.#held.demandReachable((path) => !this.#paths.endsHere(path))
    this.#paths.endLayer()
  }

  /**
   * Writes what needs no body: directories, and hard links whose target was written.
   *
   * @returns the names under which the entry is to be written with its body: the first as a file, the others
   *   as hard links to that.
   */
  #place(layer: Descriptor, links: LayerLinks, change: EntryChange): readonly string[] {
    const { path, hardLinkTo, entry } = change
    const isDirectory = entry.type === 'directory'
    this.#demandPlace(layer, path, isDirectory)
    const isHidden = this.#paths.isHidden(path, isDirectory)
    this.#paths.noteEntry(path, isDirectory)
    if (isDirectory) {
      if (!isHidden) this.#batch.add(encodeTarHeader(headerOf(entry, path === '' ? '.' : path)))
      return []
    }
    const waiting = this.#held.take(path)
    if (entry.type === 'hardlink') {
      links.add(path, hardLinkTo)
      for (const name of isHidden ? waiting : [path, ...waiting]) this.#placeLink(layer, links, name, change)
      return []
    }
    links.addFile(path, isHidden ? entry.offset : undefined)
    return isHidden ? waiting : [path, ...waiting]
  }

  /** Writes a hard link, or sees to it that its name is written when the target's content comes. */
  #placeLink(layer: Descriptor, links: LayerLinks, path: string, link: EntryChange): void {
    const { hardLinkTo, entry } = link
    const target = links.fileOf(hardLinkTo)
    const hiddenAt = links.hiddenAt(target)
    if (hiddenAt !== undefined) links.want(hiddenAt, path)
    else if (links.hasFile(target)) this.#batch.add(encodeLink(path, target, entry))
    else this.#held.hold(target, path, layer.digest)
  }

  /** Reads the layer again for files that newer layers hide and that have other names still. */
  async *#hiddenFiles(layer: Descriptor, links: LayerLinks): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const change of readLayer(this.#fetcher, layer, this.#options)) {
      if (change.kind !== 'entry') continue
      const names = links.namesWanted(change.entry.offset)
      if (names.length > 0) yield* this.#file(change.entry, names)
    }
  }

  /** Writes a file whose content is at hand; false when it is not. */
  #fileNow(entry: TarEntry, names: readonly string[]): boolean {
    const body = entry.bodyNow()
    if (body === undefined) return false
    this.#startFile(entry, names)
    this.#batch.add(body)
    this.#endFile(entry, names)
    return true
  }

  async *#file(entry: TarEntry, names: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
    this.#startFile(entry, names)
    for await (const piece of entry.body()) {
      this.#batch.add(piece)
      if (this.#batch.isReady) yield* this.#batch.take()
    }
    this.#endFile(entry, names)
  }

  #startFile(entry: TarEntry, names: readonly string[]): void {
    this.#batch.add(encodeTarHeader(headerOf(entry, names[0] ?? '')))
  }

  #endFile(entry: TarEntry, names: readonly string[]): void {
    this.#batch.add(tarPadding(entry.size))
    for (const name of names.slice(1)) this.#batch.add(encodeLink(name, names[0] ?? '', entry))
  }

  /** @throws {DamagedContentError} where no order of entries says what the layer means. */
  #demandPlace(layer: Descriptor, path: string, isDirectory: boolean): void {
    if (!isDirectory && this.#paths.hasBelow(path)) {
      throw damagedLayer(layer.digest, path, 'replaces a directory that the same layer has filled')
    }
    if (this.#paths.hasFile(parentPath(path))) {
      throw damagedLayer(layer.digest, path, 'stands below something that is no directory in the same layer')
    }
  }
}

/** A hard link says mode, owner and time again: Docker and Python's tarfile set them anew with each link that they extract. */
function encodeLink(path: string, target: string, entry: TarEntry): Buffer {
  return encodeTarHeader({
    ...headerOf(entry, path),
    type: 'hardlink',
    linkPath: target,
    size: 0,
    deviceMajor: 0,
    deviceMinor: 0,
  })
}

function headerOf(entry: TarEntry, path: string): TarHeader {
  const { type, mode, uid, gid, userName, groupName, mtime, size, linkPath, deviceMajor, deviceMinor, pax } =
    entry
  return {
    path,
    type,
    mode,
    uid,
    gid,
    userName,
    groupName,
    mtime,
    size,
    linkPath,
    deviceMajor,
    deviceMinor,
    pax,
  }
}
