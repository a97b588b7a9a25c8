/** The hard links of one layer, as an export meets them, and the files that newer layers hide. */
export class LayerLinks {
  /** Each file's offset where newer layers hide it, undefined where it was written. */
  readonly #files = new Map<string, number | undefined>()
  readonly #targets = new Map<string, string>()
  readonly #wanted = new Map<number, string[]>()

  add(path: string, target: string): void {
    this.#files.delete(path)
    this.#targets.set(path, target)
  }

  addFile(path: string, hiddenAt: number | undefined): void {
    if (this.#targets.size > 0) this.#targets.delete(path)
    this.#files.set(path, hiddenAt)
  }

  /** The path that hard links lead to in the end; with links in a circle, one of them. */
  fileOf(path: string): string {
    const seen = new Set<string>()
    let current = path
    for (let next = this.#targets.get(current); next !== undefined && !seen.has(next);) {
      seen.add(current)
      current = next
      next = this.#targets.get(current)
    }
    return current
  }

  /** Whether the layer has a file at `path`, so far. */
  hasFile(path: string): boolean {
    return this.#files.has(path)
  }

  hiddenAt(path: string): number | undefined {
    return this.#files.get(path)
  }

  /** Asks for the hidden file at `offset` under another name. */
  want(offset: number, name: string): void {
    const names = this.#wanted.get(offset)
    if (names === undefined) this.#wanted.set(offset, [name])
    else names.push(name)
  }

  get wantsBodies(): boolean {
    return this.#wanted.size > 0
  }

  namesWanted(offset: number): readonly string[] {
    return this.#wanted.get(offset) ?? []
  }
}
