import { type Descriptor, type Digest, digestAlgorithm, digestHex } from '../oci/index.ts'
import type { OperationOptions, Source } from './capabilities.ts'
import { lookUp } from './look-up.ts'

/** Something that belongs to a manifest without being part of it. */
export interface Attachment {
  readonly descriptor: Descriptor
  /** The tag that attaches it, in cosign's older scheme; undefined for a referrer, which names its subject itself. */
  readonly tag?: string | undefined
}

/** Tags fetched to find out which cosign tags there are before each is asked for. */
const tagsListed = 1000

const cosignSuffixes = ['sig', 'att', 'sbom'] as const

/**
 * Finds the attachments of the manifests of one place: referrers (by API or fallback tag) and cosign's
 * older tags `<alg>-<hex>.sig`, `.att` and `.sbom`.
 *
 * The place's tags are listed once; where there are too many, each cosign tag is asked for.
 */
export class AttachmentFinder {
  readonly #source: Source
  readonly #signal: AbortSignal | undefined
  #tags: Promise<ReadonlySet<string> | undefined> | undefined

  constructor(source: Source, options: OperationOptions = {}) {
    this.#source = source
    this.#signal = options.signal
  }

  /** @throws when a listing fails: an attachment that could not be looked for is not an attachment that is not there. */
  async of(subject: Digest): Promise<readonly Attachment[]> {
    this.#tags ??= this.#listTags()
    const tags = await this.#tags
    const [referrers, tagged] = await Promise.all([
      this.#referrers(subject, tags),
      this.#cosignTags(subject, tags),
    ])
    return [...referrers, ...tagged]
  }

  async #referrers(
    subject: Digest,
    knownTags: ReadonlySet<string> | undefined,
  ): Promise<readonly Attachment[]> {
    const found = await this.#source.referrers?.(subject, { signal: this.#signal, knownTags })
    return (found ?? []).map((descriptor) => ({ descriptor }))
  }

  async #cosignTags(subject: Digest, tags: ReadonlySet<string> | undefined): Promise<readonly Attachment[]> {
    const names = cosignSuffixes
      .map((suffix) => `${digestAlgorithm(subject)}-${digestHex(subject)}.${suffix}`)
      .filter((name) => tags?.has(name) ?? true)
    const found = await Promise.all(
      names.map(async (tag): Promise<Attachment[]> => {
        const descriptor = await lookUp(this.#source, tag, { signal: this.#signal })
        return descriptor === undefined ? [] : [{ descriptor, tag }]
      }),
    )
    return found.flat()
  }

  /** All tags, or undefined when there are too many to list or the place does not list them. */
  async #listTags(): Promise<ReadonlySet<string> | undefined> {
    if (this.#source.tags === undefined) return undefined
    const tags = new Set<string>()
    try {
      for await (const tag of this.#source.tags({ signal: this.#signal })) {
        if (tags.size >= tagsListed) return undefined
        tags.add(tag)
      }
    } catch {
      this.#signal?.throwIfAborted()
      // Not every registry lets everybody list tags; then each tag is asked for instead.
      return undefined
    }
    return tags
  }
}
