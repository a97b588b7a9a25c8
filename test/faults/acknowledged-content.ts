import type { RandomContent } from '../protocol/random-content.ts'

/** A manifest and the blobs and manifests that it names. */
export interface WholeManifest extends RandomContent {
  readonly mediaType: string
  readonly blobs: readonly RandomContent[]
  readonly children: readonly WholeManifest[]
}

/** Stands for a tag that is not there. */
export const absent = 'absent'

/** What a repository must hold, as far as its only client was told; what is under way may have happened or not. */
export class AcknowledgedContent {
  readonly repository: string
  /** Blobs by digest, each acknowledged. */
  readonly blobs: Map<string, RandomContent> = new Map()
  /** Manifests by digest that were acknowledged. */
  readonly manifests: Map<string, WholeManifest> = new Map()
  /** Manifests by digest whose push or deletion was not acknowledged. */
  readonly uncertain: Map<string, WholeManifest> = new Map()
  /** The digests that a tag may be on, {@link absent} among them; one, where everything was acknowledged. */
  readonly tags: Map<string, Set<string>> = new Map()

  /**
   * Manifests that an index named which was sent: also when a kill breaks off the deletion of that index, they cannot be
   * deleted for a while.
   */
  readonly children: Set<string> = new Set()

  constructor(repository: string) {
    this.repository = repository
  }

  beginPush(manifest: WholeManifest, tag: string | undefined): void {
    for (const { digest } of manifest.children) this.children.add(digest)
    if (!this.manifests.has(manifest.digest)) this.uncertain.set(manifest.digest, manifest)
    if (tag !== undefined) this.#mayBe(tag, manifest.digest)
  }

  endPush(manifest: WholeManifest, tag: string | undefined): void {
    this.uncertain.delete(manifest.digest)
    this.manifests.set(manifest.digest, manifest)
    if (tag !== undefined) this.settleTag(tag, manifest.digest)
  }

  beginDelete({ digest }: WholeManifest): void {
    const manifest = this.manifests.get(digest)
    if (manifest === undefined) return
    this.manifests.delete(digest)
    this.uncertain.set(digest, manifest)
    for (const [tag, digests] of this.tags) if (digests.has(digest)) this.#mayBe(tag, absent)
  }

  endDelete({ digest }: WholeManifest): void {
    this.uncertain.delete(digest)
    for (const [tag, digests] of this.tags) if (digests.has(digest)) this.settleTag(tag, absent)
  }

  beginUntag(tag: string): void {
    this.#mayBe(tag, absent)
  }

  /** Says where a tag is, as it was acknowledged or found. */
  settleTag(tag: string, digest: string): void {
    this.tags.set(tag, new Set([digest]))
  }

  #mayBe(tag: string, digest: string): void {
    const digests = this.tags.get(tag) ?? new Set([absent])
    this.tags.set(tag, digests.add(digest))
  }
}
