import type { OperationOptions } from '../../../content/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { Change, RecordStore, WriteOptions } from '../records/record-store.ts'
import { Turns } from './turns.ts'

/** What an attempt came to: changes to be written, or nothing to write. */
export interface Plan<Result> {
  readonly changes: readonly Change[]
  /** What the operation gives once the changes are written. */
  readonly result: Result
}

/** More conflicts than this are no coincidence. */
const maxAttempts = 100

/** Who waits to write what others write too, by record: of many at once only one would be done in each attempt. */
const turnsOf = new WeakMap<RecordStore, Turns>()

/**
 * Reads and decides (`plan`), writes what was decided, and begins again when somebody else changed in between what it
 * was decided on: one after another of those in this process that met at the same record.
 *
 * @throws {ProtocolError} UNAVAILABLE when others are faster every time.
 */
export async function writeUntilDone<Result>(
  records: RecordStore,
  plan: () => Promise<Plan<Result>>,
  options: OperationOptions & WriteOptions = {},
): Promise<Result> {
  const first = await attempt()
  if ('result' in first) return first.result
  const turns = turnsOf.get(records) ?? new Turns()
  turnsOf.set(records, turns)
  return turns.take(first.conflict, async () => {
    for (let attempts = 1; attempts < maxAttempts; attempts += 1) {
      const outcome = await attempt()
      if ('result' in outcome) return outcome.result
    }
    throw new ProtocolError('UNAVAILABLE', 'too many changes to the same content at once', {
      headers: { 'Retry-After': '1' },
    })
  })

  async function attempt(): Promise<{ readonly result: Result } | { readonly conflict: string }> {
    options.signal?.throwIfAborted()
    const { changes, result } = await plan()
    if (changes.length === 0) return { result }
    const outcome = await records.write(changes, { durable: options.durable })
    return outcome.done ? { result } : { conflict: outcome.conflict }
  }
}
