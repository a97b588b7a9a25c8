import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** What the log has room for at least: some hundred deletes between two checkpoints. */
const roomBytes = 1024 * 1024

/**
 * Makes the write-ahead log long, unless it is so already, and gives the database as much free space. SQLite writes a log
 * from its beginning again once it is in the database, and the file stays as long as it was. So there is room for some
 * writes when the disk is full: without them nothing could be collected, and a disk that is full would stay so.
 *
 * @param database The writer's connection.
 */
export function keepRoomInLog(database: DatabaseSync, path: string): void {
  try {
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
    if (log !== undefined && log.size >= roomBytes) return
    database.exec(`
      PRAGMA synchronous = NORMAL;
      UPDATE ballast SET filler = randomblob(${roomBytes});
      UPDATE ballast SET filler = zeroblob(0);
      PRAGMA wal_checkpoint(PASSIVE);
    `)
  } catch {
    // The disk is full, or another process writes: nothing is lost that was there.
  }
}
