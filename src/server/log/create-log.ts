import { type Logger, pino } from 'pino'

/** What a log is written to: standard output, a file, whoever draws lines for people. */
export interface LogDestination {
  /** Takes one record: a line of JSON with its line end. */
  write(line: string): void
}

/** Levels, from the one that tells most. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Makes the server's log: one line of JSON a record, `time` in ISO 8601, `level` as a word. */
export function createLog(destination: LogDestination, level: LogLevel = 'info'): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // A last guard: nobody logs headers, and what carries a secret stays out if somebody does.
      redact: {
        paths: [
          'headers',
          'req.headers',
          'request.headers',
          'authorization',
          'password',
          'token',
          '*.authorization',
          '*.password',
          '*.token',
        ],
        remove: true,
      },
    },
    destination,
  )
}
