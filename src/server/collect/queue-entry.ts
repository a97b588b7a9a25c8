import type { Change, StoredRecord } from '../storage/records/record-store.ts'
import { type QueueSubject, queueKey } from '../storage/registry/keys.ts'

/** A manifest or blob of a repository. */
export type MemberSubject = Extract<QueueSubject, { readonly kind: 'manifest' | 'blob' }>

/** A content that repositories share. */
export type ContentSubject = Extract<QueueSubject, { readonly kind: 'content' }>

/** An entry of the queue that is due. */
export interface QueueEntry<Subject extends QueueSubject = QueueSubject> {
  readonly record: StoredRecord
  readonly subject: Subject
}

/** The step that puts something into the queue. @param due Milliseconds since the epoch. */
export function enqueue(due: number, subject: QueueSubject): Change {
  return { kind: 'put', key: queueKey(due, subject), value: new Uint8Array() }
}

/** The step that takes an entry out of the queue, unless it was put there again meanwhile. */
export function dequeue({ record }: QueueEntry): Change {
  return { kind: 'delete', key: record.key, expected: record.version }
}

/** The steps that let an entry wait: it is in the queue again before it leaves its place. */
export function wait(entry: QueueEntry, until: number): readonly Change[] {
  const again = enqueue(until, entry.subject)
  return again.key === entry.record.key ? [] : [again, dequeue(entry)]
}
