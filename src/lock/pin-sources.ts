import { defaultTag, type Digest, withDefaultTag, withoutDigest } from '../oci/index.ts'
import type { Occurrence, WantedEdit } from '../references/index.ts'
import { collectUses } from './collect-uses.ts'
import type { Lock } from './lock.ts'

/** What is to be written into the sources, and what cannot be. */
export interface SourceEdits {
  /** By the file that is edited, which is not always the one that names the image. */
  readonly edits: ReadonlyMap<string, readonly WantedEdit[]>
  /** Places that stay as they are though they should not. */
  readonly refused: readonly { readonly occurrence: Occurrence; readonly reason: string }[]
  /** Places of images that are not in the lock. */
  readonly notLocked: readonly Occurrence[]
}

/**
 * How the digests of a lock get into the sources: `name:tag@sha256:…`, with the tag kept, and `latest` written where there is none. The
 * digest is the index's. What has it already is left alone.
 */
export function pinEdits(occurrences: readonly Occurrence[], lock: Lock): SourceEdits {
  const edits = new Edits()
  const notLocked: Occurrence[] = []
  for (const use of collectUses(occurrences, lock).images) {
    const byTag = withoutDigest(withDefaultTag(use.reference)).canonical
    const image = lock.images[use.key] ?? (use.reference.tag === undefined ? undefined : lock.images[byTag])
    if (image === undefined) notLocked.push(...use.occurrences)
    else for (const occurrence of use.occurrences) edits.add(occurrence, 'pinned', image.digest)
  }
  return { ...edits.all(), notLocked }
}

/** How digests get out of the sources again: each place has its tag alone. */
export function unpinEdits(occurrences: readonly Occurrence[]): SourceEdits {
  const edits = new Edits()
  for (const occurrence of occurrences) {
    if (occurrence.target.kind !== 'image') continue
    const { digest, tag } = occurrence.target.reference
    if (digest === undefined) continue
    if (tag === undefined) edits.refuse(occurrence, 'cannot be unpinned: it has no tag')
    else edits.add(occurrence, 'unpinned', undefined)
  }
  return { ...edits.all(), notLocked: [] }
}

class Edits {
  readonly #edits = new Map<string, WantedEdit[]>()
  readonly #refused: { readonly occurrence: Occurrence; readonly reason: string }[] = []

  add(occurrence: Occurrence, what: 'pinned' | 'unpinned', digest: Digest | undefined): void {
    const { edit, target } = occurrence
    if (target.kind !== 'image') return
    const { reference } = target
    if (reference.digest === digest) return
    if (edit.kind === 'none') {
      this.refuse(occurrence, `cannot be ${what}: ${edit.reason}`)
      return
    }
    const hasName = reference.tag !== undefined || reference.digest !== undefined
    const all = this.#edits.get(edit.file) ?? []
    all.push({ edit, digest, ...(hasName ? {} : { tag: defaultTag }) })
    this.#edits.set(edit.file, all)
  }

  refuse(occurrence: Occurrence, reason: string): void {
    this.#refused.push({ occurrence, reason })
  }

  all(): Pick<SourceEdits, 'edits' | 'refused'> {
    return { edits: this.#edits, refused: this.#refused }
  }
}
