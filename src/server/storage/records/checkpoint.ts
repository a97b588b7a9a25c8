import type { DatabaseSync } from 'node:sqlite'
import type { QueuedWrite } from './writer-messages.ts'

/** Brings the write-ahead log into the database before it gets long. */
export interface Checkpointer {
  /** To be called when these writes are answered: who waits for them need not wait for this. */
  afterWrites(writes: readonly QueuedWrite[]): void
  /** Brings the log into the database now: on a full disk it can be written only where it was written before. */
  makeRoom(): void
}

/** About how many bytes go into the log between two checkpoints. */
const bytesBetween = 4 * 1024 * 1024

/** Pages of the log from which on the writer waits for readers, so that the log begins anew: 64 MiB. */
const longLog = 16_384

/** What a change writes at least: its page in the table and in the index. */
const pageBytes = 4096

/** @param database The writer's connection, with no automatic checkpoints. */
export function createCheckpointer(database: DatabaseSync): Checkpointer {
  const passive = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  const truncate = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
  let written = 0

  function checkpoint(): void {
    written = 0
    try {
      const pages = passive.get()?.['log']
      if (typeof pages === 'number' && pages > longLog) truncate.get()
    } catch {
      // A full disk. What was committed is safe in the log, and the next writes get here again.
    }
  }

  return {
    makeRoom: checkpoint,
    afterWrites(writes) {
      for (const write of writes) {
        for (const change of write.changes) {
          written += 2 * pageBytes + (change.kind === 'put' ? change.value.length : 0)
        }
      }
      if (written >= bytesBetween) checkpoint()
    },
  }
}
