const slabSize = 256 * 1024
const copiedBelow = 64 * 1024

/** Gathers small pieces into large ones, so that headers and small files cost no write each; large pieces pass as they are. */
export class ByteBatch {
  #slab = Buffer.allocUnsafe(slabSize)
  #start = 0
  #end = 0
  #ready: Uint8Array[] = []

  add(bytes: Uint8Array): void {
    if (bytes.length >= copiedBelow) {
      this.#close()
      this.#ready.push(bytes)
      return
    }
    if (this.#end + bytes.length > slabSize) {
      this.#close()
      this.#slab = Buffer.allocUnsafe(slabSize)
      this.#start = this.#end = 0
    }
    this.#slab.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Whether {@link take} has something that is worth a write. */
  get isReady(): boolean {
    return this.#ready.length > 0
  }

  /** What is ready. */
  take(): readonly Uint8Array[] {
    const ready = this.#ready
    this.#ready = []
    return ready
  }

  /** Everything that is left. */
  takeAll(): readonly Uint8Array[] {
    this.#close()
    return this.take()
  }

  #close(): void {
    if (this.#end > this.#start) this.#ready.push(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }
}
