import type { TarEntryType } from '../archive/index.ts'
import type { ImpliedDirectories } from './implied-directories.ts'
import { parentPath } from './layer-path.ts'
import type { LayerChange } from './read-layer.ts'

/** What a layer has at a path. */
export interface IndexedEntry {
  readonly type: TarEntryType
  /** Where its body is in the uncompressed layer; -1 for a directory that has no entry. */
  readonly offset: number
  /** A symlink's target as written, a hard link's canonical path; else empty. */
  readonly target: string
}

const impliedDirectory: IndexedEntry = { type: 'directory', offset: -1, target: '' }

/** What a layer has and removes, as far as it was read. */
export class LayerIndex {
  readonly #entries = new Map<string, IndexedEntry>()
  readonly #whiteouts = new Set<string>()
  readonly #opaque = new Set<string>()
  readonly #implied: ImpliedDirectories

  /** @param implied counts for all layers of the image. */
  constructor(implied: ImpliedDirectories) {
    this.#implied = implied
  }

  add(change: LayerChange): void {
    if (change.kind === 'whiteout') this.#whiteouts.add(change.path)
    else if (change.kind === 'opaque') this.#opaque.add(change.path)
    else this.#addEntry(change.path, change.entry, change.hardLinkTo)
  }

  get(path: string): IndexedEntry | undefined {
    return this.#entries.get(path)
  }

  /** Whether the layer removes what layers below have at `path`. */
  removes(path: string): boolean {
    return this.#whiteouts.has(path)
  }

  /** Whether the layer removes what layers below have below `path`. */
  removesBelow(path: string): boolean {
    return this.#whiteouts.has(path) || this.#opaque.has(path)
  }

  #addEntry(
    path: string,
    entry: { readonly type: TarEntryType; readonly offset: number; readonly linkPath: string },
    hardLinkTo: string,
  ): void {
    const { type, offset, linkPath } = entry
    this.#entries.set(path, { type, offset, target: type === 'symlink' ? linkPath : hardLinkTo })
    for (let at = path; at !== '';) {
      at = parentPath(at)
      if (this.#entries.has(at)) return
      this.#implied.add()
      this.#entries.set(at, impliedDirectory)
    }
  }
}
