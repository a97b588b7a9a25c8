import { withDefaultTag, withoutDigest, withTag } from '../oci/index.ts'
import type { Occurrence, WantedEdit } from '../references/index.ts'
import type { ImageUse } from './collect-uses.ts'
import type { LockedUse } from './lock-result.ts'
import type { SourceEdits } from './pin-sources.ts'

/** What of a project is moved on. */
export interface UpdatePlan {
  /** All images of the project, those that move under their new tags. */
  readonly uses: readonly ImageUse[]
  /** Keys in `uses` of what is looked up again. */
  readonly moving: ReadonlySet<string>
  /** The key that a moving image had before, where its tag changes. */
  readonly formerKeys: ReadonlyMap<string, string>
  /** Places that keep an image where it is, since they cannot be edited. */
  readonly refused: SourceEdits['refused']
}

/** The key of a use by its tag alone: what pinned and unpinned places of one tag have in common. */
export function tagKey({ reference }: Pick<ImageUse, 'reference'>): string {
  return withoutDigest(withDefaultTag(reference)).canonical
}

/**
 * Says what of a project is looked up again: what is wanted and has a tag. An image stays where it is if a place that would have to be
 * edited for it, having a digest or the former tag, cannot be.
 *
 * @param newTags tags to move to, by {@link tagKey}
 */
export function planUpdate(
  images: readonly ImageUse[],
  isWanted: (use: ImageUse) => boolean,
  newTags: ReadonlyMap<string, string> = new Map(),
): UpdatePlan {
  const refused: SourceEdits['refused'][number][] = []
  const wanted = images.filter((use) => use.reference.tag !== undefined && isWanted(use))
  const uses = new Map<string, ImageUse>(
    images.filter((use) => !wanted.includes(use)).map((use) => [use.key, use]),
  )
  const moving = new Set<string>()
  const formerKeys = new Map<string, string>()
  for (const [former, together] of Map.groupBy(wanted, tagKey)) {
    const occurrences = together.flatMap((use) => use.occurrences)
    const newTag = newTags.get(former)
    const stuck = occurrences.filter((one) => !canMove(one, newTag !== undefined))
    const [first] = together
    if (first === undefined) continue
    if (stuck.length > 0) {
      refused.push(...stuck.map((occurrence) => ({ occurrence, reason: reasonOf(occurrence) })))
      for (const use of together) uses.set(use.key, use)
      continue
    }
    const byTag = withoutDigest(withDefaultTag(first.reference))
    const reference = newTag === undefined ? byTag : withTag(byTag, newTag)
    const known = uses.get(reference.canonical)?.occurrences ?? []
    uses.set(reference.canonical, {
      key: reference.canonical,
      reference,
      occurrences: [...known, ...occurrences],
    })
    moving.add(reference.canonical)
    if (newTag !== undefined) formerKeys.set(reference.canonical, former)
  }
  const sorted = [...uses.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1))
  return { uses: sorted, moving, formerKeys, refused }
}

/** What has to be written into the sources for what moved. */
export function updateEdits(
  images: readonly LockedUse[],
  { moving }: UpdatePlan,
): ReadonlyMap<string, readonly WantedEdit[]> {
  const edits = new Map<string, WantedEdit[]>()
  for (const { image, use } of images) {
    if (!moving.has(use.key)) continue
    for (const { edit, target } of use.occurrences) {
      if (target.kind !== 'image' || edit.kind === 'none') continue
      const { digest, tag } = withDefaultTag(target.reference)
      const isRetagged = tag !== use.reference.tag
      if (!isRetagged && (digest === undefined || digest === image.digest)) continue
      const all = edits.get(edit.file) ?? []
      all.push({
        edit,
        digest: digest === undefined ? undefined : image.digest,
        ...(isRetagged ? { tag: use.reference.tag } : {}),
      })
      edits.set(edit.file, all)
    }
  }
  return edits
}

function canMove({ edit, target }: Occurrence, isRetagged: boolean): boolean {
  const hasDigest = target.kind === 'image' && target.reference.digest !== undefined
  if (!hasDigest && !isRetagged) return true
  if (edit.kind === 'fields') return !isRetagged || edit.tag !== undefined
  return edit.kind === 'reference'
}

function reasonOf({ edit }: Occurrence): string {
  return edit.kind === 'none'
    ? `cannot be updated: ${edit.reason}`
    : 'cannot be updated: its tag has no place of its own'
}
