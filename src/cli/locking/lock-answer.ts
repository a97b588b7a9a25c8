import type { LockResult, RememberedSigner, SignatureStop } from '../../lock/index.ts'
import type { Occurrence, ProjectFindings } from '../../references/index.ts'
import { errorJson, type ErrorJson } from '../error-json.ts'

/** What `lading lock` answers; `--json` prints it as it is. */
export interface LockAnswer {
  /** The lock file. */
  readonly file: string
  /** Whether it was written; false where it says all that already, and where something stopped. */
  readonly written: boolean
  /** Whether the file that was there says what it should. */
  readonly upToDate: boolean
  readonly images: readonly LockedImageAnswer[]
  /** What the project uses no more. */
  readonly dropped: readonly string[]
  /** What names no image that could be told. */
  readonly unresolved: readonly OccurrenceAnswer[]
  /** What comes from outside and is no image. */
  readonly unlockable: readonly OccurrenceAnswer[]
  readonly stopped: readonly StopAnswer[]
  /** Files that could not be read. */
  readonly problems: readonly {
    readonly file: string
    readonly line: number | null
    readonly column: number | null
    readonly message: string
    readonly hint: string | null
  }[]
  /** Images of which something could not be told; absent where there is none. */
  readonly errors?: readonly ({ readonly image: string } & ErrorJson)[]
}

/** One image of the lock. */
export interface LockedImageAnswer {
  /** Its key in the lock. */
  readonly image: string
  readonly change: 'added' | 'moved' | 'kept'
  readonly digest: string
  /** The digest that it had; null where it is new. */
  readonly previous: string | null
  readonly platforms: readonly string[]
  /** Platforms that it had before and has no more. */
  readonly lostPlatforms: readonly string[]
  readonly usedBy: readonly string[]
  readonly signatures: 'verified' | 'none-found' | 'not-asked'
  /** Where signatures were looked for. */
  readonly searched: readonly string[]
  /** `first-use`, `accept-signer`, or the image pattern of a rule of lading.yaml. */
  readonly acceptedBy: string
  /** Signatures that are there and do not verify, or do not say who made the image. */
  readonly rejected: number
  /** Set where another workflow of the same repository signed. */
  readonly otherWorkflow: { readonly was: RememberedSigner; readonly is: RememberedSigner } | null
}

/** A place in a file. */
export interface OccurrenceAnswer {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly place: string
  readonly text: string
  readonly reason: string
}

/** An image that was not let in. */
export type StopAnswer = { readonly image: string } & SignatureStop

/** What came of locking, as it is printed. */
export function lockAnswer(
  file: string,
  result: LockResult,
  { problems, others }: Pick<ProjectFindings, 'problems'> & { readonly others: readonly Occurrence[] },
  state: Pick<LockAnswer, 'written' | 'upToDate'>,
): LockAnswer {
  return {
    file,
    ...state,
    images: result.images.map(imageAnswer),
    dropped: result.dropped,
    unresolved: others.flatMap((one) => occurrenceAnswer(one, 'unresolved')),
    unlockable: others.flatMap((one) => occurrenceAnswer(one, 'unlockable')),
    stopped: result.stops.map(({ image, stop }) => ({ image, ...stop })),
    problems: problems.map(({ column = null, file: problemFile, hint = null, line = null, message }) => ({
      file: problemFile,
      line,
      column,
      message,
      hint,
    })),
    ...(result.failures.length === 0
      ? {}
      : { errors: result.failures.map(({ error, image }) => ({ image, ...errorJson(error) })) }),
  }
}

function imageAnswer({
  before,
  change,
  image,
  otherWorkflow,
  rejected,
  use,
}: LockResult['images'][number]): LockedImageAnswer {
  const { signatures } = image
  return {
    image: use.key,
    change,
    digest: image.digest,
    previous: before?.digest ?? null,
    platforms: Object.keys(image.platforms),
    lostPlatforms: Object.keys(before?.platforms ?? {}).filter((one) => image.platforms[one] === undefined),
    usedBy: image.usedBy,
    signatures: signatures.status,
    searched: signatures.status === 'not-asked' ? [] : signatures.searched,
    acceptedBy:
      typeof signatures.acceptedBy === 'string' ? signatures.acceptedBy : signatures.acceptedBy.rule,
    rejected,
    otherWorkflow: otherWorkflow ?? null,
  }
}

function occurrenceAnswer(
  { file, place, range, target, text }: Occurrence,
  kind: 'unresolved' | 'unlockable',
): readonly OccurrenceAnswer[] {
  if (target.kind !== kind) return []
  return [{ file, line: range.line, column: range.column, place, text, reason: target.reason }]
}
