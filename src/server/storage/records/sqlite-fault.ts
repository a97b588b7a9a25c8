import { FileError } from '../../../files/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { SqliteFault } from './writer-messages.ts'

/** Describes what node:sqlite threw. */
export function sqliteFault(error: unknown): SqliteFault {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return { message, resultCode: typeof code === 'number' ? code : undefined }
}

/**
 * The error that an operation on records rejects with: UNAVAILABLE where waiting or the operator can help (disk full,
 * read-only, failing, database held by another process), UNKNOWN for what must not happen. Its message is fit for
 * clients; what SQLite said is in `cause`.
 *
 * @param action What was tried: `write records`.
 */
export function asRecordsError(action: string, fault: SqliteFault, cause?: unknown): ProtocolError {
  const known = explain(fault)
  return new ProtocolError(
    known === undefined ? 'UNKNOWN' : 'UNAVAILABLE',
    `Cannot ${action}: ${known?.reason ?? 'the records database failed'}`,
    {
      hint: known?.hint,
      cause: cause ?? new Error(`SQLite: ${fault.message} (${fault.resultCode ?? 'no result code'})`),
    },
  )
}

/** The error for a database that cannot be opened or made; an error that is not SQLite's is given back as it is. */
export function asOpenError(path: string, error: unknown): unknown {
  const fault = sqliteFault(error)
  if (fault.resultCode === undefined) return error
  const { reason, hint } = explain(fault) ?? { reason: fault.message, hint: undefined }
  return new FileError(`Cannot open ${path}: ${reason}`, { hint, cause: error })
}

function explain({ resultCode }: SqliteFault): Explanation | undefined {
  if (resultCode === noRoomForSharedMemory) return explanations.get(diskIsFull)
  // The higher bits of an extended result code say more than matters here.
  return resultCode === undefined ? undefined : explanations.get(resultCode & 0xff)
}

/** SQLITE_IOERR_SHMSIZE: the index of the log cannot be made; who opens a database on a full disk sees that first. */
const noRoomForSharedMemory = 4874

/** SQLITE_FULL. */
const diskIsFull = 13

interface Explanation {
  readonly reason: string
  readonly hint: string | undefined
}

const explanations: ReadonlyMap<number, Explanation> = new Map([
  [5, { reason: 'another process holds the records database', hint: undefined }],
  [6, { reason: 'another process holds the records database', hint: undefined }],
  [
    8,
    {
      reason: "the registry's disk is read-only",
      hint: 'Check who owns the data directory, and that its file system can be written to.',
    },
  ],
  [10, { reason: "the registry's disk reports an error", hint: 'Check the disk, then run lading fsck.' }],
  [
    11,
    {
      reason: 'the records database is damaged',
      hint: 'Restore the data directory from a backup.',
    },
  ],
  [
    diskIsFull,
    {
      reason: "the registry's disk is full",
      hint: 'Free some space on the disk of the data directory.',
    },
  ],
  [
    14,
    {
      reason: 'the records database cannot be opened',
      hint: 'Check who owns the data directory, and that its file system can be written to.',
    },
  ],
  [
    26,
    {
      reason: 'it is no database, or a damaged one',
      hint: 'Name another data directory, or restore this one from a backup.',
    },
  ],
])
