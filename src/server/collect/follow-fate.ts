import type { Change } from '../storage/records/record-store.ts'
import type { CollectContext } from './collect-context.ts'
import { decideFate, type Facts } from './decide-fate.ts'
import { dequeue, type QueueEntry, wait } from './queue-entry.ts'

/** Something in the queue, as one kind of thing is looked at and changed. */
export interface Candidate {
  /** When it was last wanted, milliseconds since the epoch; undefined where that does not matter. */
  readonly since: number | undefined
  /** Since when it is condemned, milliseconds since the epoch. */
  readonly condemned: number | undefined
  /** Whether somebody refers to it now, as {@link Facts.needed}. */
  findNeed(): Promise<Facts['needed']>
  /** The step that condemns it, or (undefined) takes that back, if it is unchanged. */
  mark(condemned: number | undefined): Change
  /** Removes it with its entry, if it is unchanged; false when it is not. */
  remove(): Promise<boolean>
}

/**
 * Looks at an entry that is due and does what {@link decideFate} says, each step on the condition that nothing changed
 * since it was decided. After a conflict the entry is left in its place, for another look.
 *
 * A write that begins to refer to something first writes its edge and then holds the thing to be unchanged; here the
 * thing is condemned first and its edges are looked at again after that. Whatever the order in which these meet, the
 * write fails or the edge is seen.
 *
 * @returns whether the entry is done with: it left its place in the queue.
 */
export async function followFate(
  context: CollectContext,
  entry: QueueEntry,
  find: () => Promise<Candidate | undefined>,
): Promise<boolean> {
  const { records, now, times } = context
  const write = async (changes: readonly Change[]): Promise<boolean> =>
    (await records.write(changes, { durable: false })).done

  const candidate = await find()
  if (candidate === undefined) return write([dequeue(entry)])
  const { since, condemned } = candidate
  const fate = decideFate({ since, condemned, needed: await candidate.findNeed() }, times, now())
  switch (fate.kind) {
    case 'keep':
      return write([dequeue(entry)])
    case 'revive':
      return write([candidate.mark(undefined), dequeue(entry)])
    case 'wait':
      return write(wait(entry, fate.until))
    case 'delete':
      return candidate.remove()
    case 'condemn': {
      const time = now()
      const [again, leave] = wait(entry, time + times.condemnedMs)
      const steps = [again, candidate.mark(time), leave].filter((step) => step !== undefined)
      return (await write(steps)) && (await reviveIfNeeded(write, find))
    }
    default:
      return fate satisfies never
  }
}

async function reviveIfNeeded(
  write: (changes: readonly Change[]) => Promise<boolean>,
  find: () => Promise<Candidate | undefined>,
): Promise<boolean> {
  const condemned = await find()
  if (condemned === undefined || condemned.condemned === undefined) return true
  if ((await condemned.findNeed()) === true) await write([condemned.mark(undefined)])
  return true
}
