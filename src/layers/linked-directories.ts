import { linkDestination, parentPath } from './layer-path.ts'

/** As many links as Linux follows. */
const maxLinks = 40

/**
 * The symbolic links of one layer so far. An entry below such a link belongs where the link leads, as it
 * lands there when the layer is extracted entry by entry (`lib -> usr/lib`, then `lib/x`).
 *
 * Links of lower layers do not count: there the entry makes a directory in place of the link, as in
 * overlay file systems.
 */
export class LinkedDirectories {
  readonly #targets = new Map<string, string>()
  #lastParent = ''
  #lastResolved: string | undefined = ''

  /** The path with links on the way to it followed, not one at its end; undefined for links in a circle. */
  locate(path: string): string | undefined {
    if (this.#targets.size === 0) return path
    const parent = parentPath(path)
    if (parent !== this.#lastParent) {
      this.#lastParent = parent
      this.#lastResolved = this.#follow(parent)
    }
    if (this.#lastResolved === parent || this.#lastResolved === undefined) {
      return this.#lastResolved === undefined ? undefined : path
    }
    const name = path.slice(path.lastIndexOf('/') + 1)
    return this.#lastResolved === '' ? name : `${this.#lastResolved}/${name}`
  }

  /** Notes what stands at a path now: a link's target, or undefined for anything else. */
  note(path: string, target: string | undefined): void {
    if (target !== undefined) this.#targets.set(path, target)
    else if (this.#targets.size === 0 || !this.#targets.delete(path)) return
    this.#lastParent = ''
    this.#lastResolved = ''
  }

  #follow(path: string): string | undefined {
    let current = path
    for (let links = 0; links <= maxLinks; links++) {
      const next = this.#followFirst(current)
      if (next === undefined) return current
      current = next
    }
    return undefined
  }

  /** The path with its first link replaced; undefined when there is none. */
  #followFirst(path: string): string | undefined {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end)
      const target = this.#targets.get(part)
      if (target !== undefined) {
        const destination = linkDestination(part, target)
        if (end < 0) return destination
        return destination === '' ? path.slice(end + 1) : destination + path.slice(end)
      }
      if (end < 0) return undefined
    }
  }
}
