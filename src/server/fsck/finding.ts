import type { Digest } from '../../oci/index.ts'
import type { RepositoryName } from '../repository-name.ts'

/** Who needs something that is damaged, in one repository. */
export interface Harm {
  readonly repository: RepositoryName
  /** Manifests and indexes that cannot be pulled whole any more, in the order in which they were come upon. */
  readonly manifests: readonly Digest[]
  /** Tags on them, in byte order. */
  readonly tags: readonly string[]
}

/** Whom a damage hurts. */
export interface Hurts {
  readonly hurts: readonly Harm[]
  /** Whether there are more than are named. */
  readonly hurtsMore: boolean
}

/** What is wrong with the stored bytes of a content, or that nothing is. */
export type ContentState =
  | { readonly state: 'whole' }
  | { readonly state: 'missing' }
  /** @property actual Bytes that are stored. */
  | { readonly state: 'size'; readonly actual: number }
  | { readonly state: 'digest'; readonly actual: Digest }
  /** The disk did not give them. */
  | { readonly state: 'unreadable'; readonly reason: string }

/** Something is damaged: what was pushed cannot be pulled as it was, or may be taken away. */
export type Damage =
  /** Stored bytes are not those that were pushed. */
  | ({
      readonly rule: 'content-damaged'
      readonly digest: Digest
      /** In the blob store. */
      readonly key: string
      /** Bytes that there should be. */
      readonly size: number
      readonly problem: Exclude<ContentState, { readonly state: 'whole' }>
    } & Hurts)
  /** A repository has a blob whose content is not there, or another copy of it than there is. */
  | ({
      readonly rule: 'blob-without-content'
      readonly repository: RepositoryName
      readonly digest: Digest
    } & Hurts)
  /** The stored bytes of a manifest are others than were pushed. */
  | ({
      readonly rule: 'manifest-damaged'
      readonly repository: RepositoryName
      readonly digest: Digest
      readonly actual: Digest
    } & Hurts)
  /** Its bytes are right, and yet it is no manifest. */
  | ({
      readonly rule: 'manifest-unreadable'
      readonly repository: RepositoryName
      readonly digest: Digest
      readonly problem: string
    } & Hurts)
  /** The repository does not have what a manifest names. */
  | ({
      readonly rule: 'manifest-incomplete'
      readonly repository: RepositoryName
      readonly digest: Digest
      readonly missing: readonly Digest[]
    } & Hurts)
  | {
      readonly rule: 'tag-without-manifest'
      readonly repository: RepositoryName
      readonly tag: string
      readonly digest: Digest
    }
  /** A record's key or value cannot be read. */
  | { readonly rule: 'record-damaged'; readonly key: string; readonly problem: string }
  /** An edge is missing, so that what it protects may be collected, or is not listed. */
  | { readonly rule: 'edge-missing'; readonly key: string }
  /** Something is in a repository that the catalogue does not list. */
  | { readonly rule: 'repository-unlisted'; readonly repository: RepositoryName }

/** Something lies around that nobody needs; the collector takes most of it. */
export type Leftover =
  | { readonly rule: 'edge-superfluous'; readonly key: string }
  | { readonly rule: 'file-orphaned'; readonly key: string; readonly size: number }
  | { readonly rule: 'upload-without-file'; readonly repository: RepositoryName; readonly id: string }

/** Something that {@link checkStorage} found. */
export type Finding = Damage | Leftover

/** Says whether a finding is damage; what is not only takes room. */
export function isDamage(finding: Finding): finding is Damage {
  return !leftovers.has(finding.rule)
}

const leftovers: ReadonlySet<Finding['rule']> = new Set([
  'edge-superfluous',
  'file-orphaned',
  'upload-without-file',
] satisfies readonly Leftover['rule'][])
