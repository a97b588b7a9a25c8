/** Values that are forgotten after a while, and the least recently used first where there are too many. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>()
  readonly #most: number
  readonly #now: () => number

  /**
   * @param most How many are kept.
   * @param now Milliseconds since the epoch.
   */
  constructor(most: number, now: () => number) {
    this.#most = most
    this.#now = now
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (this.#now() >= entry.expiresAt) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Keeps the value until `expiresAt`, in milliseconds since the epoch. */
  set(key: string, value: Value, expiresAt: number): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#most) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(key, { value, expiresAt })
  }

  clear(): void {
    this.#entries.clear()
  }
}
