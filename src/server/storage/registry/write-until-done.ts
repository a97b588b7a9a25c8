import type { OperationOptions } from '../../../content/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { Change, RecordStore, WriteOptions } from '../records/record-store.ts'

/** What an attempt came to: changes to be written, or nothing to write. */
export interface Plan<Result> {
  readonly changes: readonly Change[]
  /** What the operation gives once the changes are written. */
  readonly result: Result
}

/** More conflicts than this are no coincidence. */
const maxAttempts = 100

/**
 * Reads and decides (`plan`), writes what was decided, and begins again when somebody else changed in between what it
 * was decided on.
 *
 * @throws {ProtocolError} UNAVAILABLE when others are faster every time.
 */
export async function writeUntilDone<Result>(
  records: RecordStore,
  plan: () => Promise<Plan<Result>>,
  options: OperationOptions & WriteOptions = {},
): Promise<Result> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    options.signal?.throwIfAborted()
    const { changes, result } = await plan()
    if (changes.length === 0) return result
    const outcome = await records.write(changes, { durable: options.durable })
    if (outcome.done) return result
  }
  throw new ProtocolError('UNAVAILABLE', 'too many changes to the same content at once', {
    headers: { 'Retry-After': '1' },
  })
}
