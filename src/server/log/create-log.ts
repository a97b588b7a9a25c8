import { type Logger, pino } from 'pino'

/** What a log is written to: standard output, a file, whoever draws lines for people. */
export interface LogDestination {
  /** Takes one record: a line of JSON with its line end. */
  write(line: string): void
}

/** Levels, from the one that tells most. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes a record of level `info`, wanted or not: the members of a JSON object, with a comma before each. */
export type WriteInfo = (members: string) => void

const infoWriters = new WeakMap<Logger, WriteInfo>()

/**
 * Makes the server's log: one line of JSON a record, `time` in ISO 8601, `level` as a word. Nothing is taken out of a
 * record: whoever writes one puts neither headers nor queries in it.
 */
export function createLog(destination: LogDestination, level: LogLevel = 'info'): Logger {
  const timestamp = timestamps()
  const log = pino(
    {
      level,
      base: null,
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  infoWriters.set(log, (members) => {
    destination.write(`{"level":"info"${timestamp()}${members}}\n`)
  })
  return log
}

/**
 * What writes records that are JSON already, where {@link createLog} made the log: a line for each request is
 * written six times as fast.
 */
export function infoWriter(log: Logger): WriteInfo | undefined {
  return infoWriters.get(log)
}

/** A busy server writes many records in one millisecond: their time is written once. */
function timestamps(): () => string {
  let last = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== last) {
      last = now
      text = `,"time":"${new Date(now).toISOString()}"`
    }
    return text
  }
}
