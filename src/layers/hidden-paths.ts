import { ImpliedDirectories } from './implied-directories.ts'
import { parentPath } from './layer-path.ts'

const whiteout = 1
const opaque = 2
/** Something that is no directory. */
const nonDirectory = 4
const directory = 8
/** A directory that has no entry, only something in it. */
const implied = 16

const hidesBelow = whiteout | opaque | nonDirectory

/**
 * What the layers above hide of a layer, as layers are read newest first: each path that a layer has or
 * removes is noted, and counts from the next layer on.
 */
export class HiddenPaths {
  readonly #above = new Map<string, number>()
  #here = new Map<string, number>()
  /** Whether what is in a directory is hidden; for the layer that is being read. */
  readonly #hiddenBelow = new Map<string, boolean>()
  readonly #implied = new ImpliedDirectories()

  /** Whether layers above hide what this one has at `path`. */
  isHidden(path: string, isDirectory: boolean): boolean {
    if (this.#above.size === 0) return false
    const flags = this.#above.get(path) ?? 0
    if ((flags & (whiteout | nonDirectory | directory)) !== 0) return true
    if (!isDirectory && (flags & implied) !== 0) return true
    return path !== '' && this.#isHiddenBelow(parentPath(path))
  }

  /** Notes an entry of this layer, hidden or not: also one that is hidden hides what is below. */
  noteEntry(path: string, isDirectory: boolean): void {
    this.#note(path, isDirectory ? directory : nonDirectory)
    for (let at = path; at !== '';) {
      at = parentPath(at)
      const flags = this.#here.get(at) ?? 0
      if ((flags & implied) !== 0) return
      if (flags === 0) this.#implied.add()
      this.#here.set(at, flags | implied)
    }
  }

  noteWhiteout(path: string): void {
    this.#note(path, whiteout)
  }

  noteOpaque(path: string): void {
    this.#note(path, opaque)
  }

  /** Whether this layer has something else than a directory at `path`. */
  hasFile(path: string): boolean {
    return ((this.#here.get(path) ?? 0) & nonDirectory) !== 0
  }

  /** Whether this layer has something in the directory `path`. */
  hasBelow(path: string): boolean {
    return ((this.#here.get(path) ?? 0) & implied) !== 0
  }

  /** Whether this layer keeps the ones below from having a file at `path`. */
  endsHere(path: string): boolean {
    if (((this.#here.get(path) ?? 0) & ~opaque) !== 0) return true
    for (let at = path; at !== '';) {
      at = parentPath(at)
      if (((this.#here.get(at) ?? 0) & hidesBelow) !== 0) return true
    }
    return false
  }

  /** Ends this layer: what was noted counts for the next. */
  endLayer(): void {
    for (const [path, flags] of this.#here) this.#above.set(path, (this.#above.get(path) ?? 0) | flags)
    this.#here = new Map()
    this.#hiddenBelow.clear()
  }

  #note(path: string, flag: number): void {
    this.#here.set(path, (this.#here.get(path) ?? 0) | flag)
  }

  #isHiddenBelow(path: string): boolean {
    const known = this.#hiddenBelow.get(path)
    if (known !== undefined) return known
    const isHidden =
      ((this.#above.get(path) ?? 0) & hidesBelow) !== 0 ||
      (path !== '' && this.#isHiddenBelow(parentPath(path)))
    this.#hiddenBelow.set(path, isHidden)
    return isHidden
  }
}
