import type { OutputStream } from '../context.ts'

/** While more than this waits to be taken, lines are dropped: a log that nobody reads must not fill the memory. */
const mostWaitingBytes = 8 * 1024 * 1024

/** Writes lines together once a turn of the event loop: a system call for many requests, not one for each. */
export function batchLines(stream: OutputStream): { write(line: string): void } {
  let waiting = ''
  let dropped = 0
  return {
    write(line) {
      if (stream.writableLength > mostWaitingBytes) {
        dropped += 1
        return
      }
      if (waiting === '') setImmediate(flush)
      waiting += line
    },
  }

  function flush(): void {
    const lines = waiting
    waiting = ''
    if (dropped > 0) {
      stream.write(
        `${JSON.stringify({ level: 'warn', dropped, msg: 'log lines were dropped: nobody read them' })}\n`,
      )
      dropped = 0
    }
    stream.write(lines)
  }
}
