import type { Digest } from '../oci/index.ts'

/** A manifest's exact bytes and what they are. */
export interface KnownManifest {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Keeps the manifests that were read last, so that what follows needs no second request. Bounded by bytes. */
export class ManifestMemory {
  readonly #limit: number
  readonly #manifests = new Map<string, KnownManifest>()
  #size = 0

  /** @param limit Bytes to keep at most. */
  constructor(limit: number = 16 * 1024 * 1024) {
    this.#limit = limit
  }

  get(repository: string, digest: Digest): KnownManifest | undefined {
    return this.#manifests.get(keyOf(repository, digest))
  }

  keep(repository: string, digest: Digest, manifest: KnownManifest): void {
    this.forget(repository, digest)
    if (manifest.bytes.length > this.#limit / 4) return
    this.#manifests.set(keyOf(repository, digest), manifest)
    this.#size += manifest.bytes.length
    for (const [key, oldest] of this.#manifests) {
      if (this.#size <= this.#limit) return
      this.#manifests.delete(key)
      this.#size -= oldest.bytes.length
    }
  }

  forget(repository: string, digest: Digest): void {
    const key = keyOf(repository, digest)
    this.#size -= this.#manifests.get(key)?.bytes.length ?? 0
    this.#manifests.delete(key)
  }
}

function keyOf(repository: string, digest: Digest): string {
  return `${repository}@${digest}`
}
