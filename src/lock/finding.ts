/** What `lading check` may say. */
export const findingRules = {
  'not-locked': 'An image of the sources is not in the lock.',
  stale: 'The lock has an image that no source uses.',
  'used-elsewhere': 'The lock says that an image is used in other places than it is.',
  'digest-differs': 'A digest in the sources is not the one in the lock.',
  'two-digests': 'A tag has two digests in the sources.',
  'platform-missing': 'A source asks for a platform that the locked image has not.',
  unsettled: 'A merge left two answers in the lock.',
  'signer-unknown': 'The lock says that an image is verified, and not who signs images of its repository.',
  'evidence-differs': 'The lock tells of a signature of something else than the locked image.',
  'content-differs': 'The lock tells of other content than the locked digest has.',
  'not-resolved': 'A source names something that cannot be computed from the project.',
  'not-lockable': 'A source takes something from outside that is no image.',
  'digest-gone': 'The registry does not have the locked digest any more.',
  'only-in-mirror': 'The registry does not have the locked digest any more, and the mirror has it.',
  moved: 'A tag points to another digest than the locked one.',
  'not-trusted': 'The signatures of an image are not what they have to be.',
} as const

/** The name of a rule. */
export type FindingRule = keyof typeof findingRules

/** Something that was found in checking a lock. */
export interface Finding {
  readonly rule: FindingRule
  /** `error`: lock and sources disagree, or somebody is not trusted. */
  readonly level: 'error' | 'warning' | 'note'
  /** The image's key in the lock, or the text in the source. */
  readonly image: string
  readonly message: string
  /** Where: a source, or the lock (`undefined`). Lines and columns from 1. */
  readonly at?:
    | { readonly file: string; readonly line: number; readonly column: number; readonly length: number }
    | undefined
  /** What to try. */
  readonly hint?: string | undefined
}
