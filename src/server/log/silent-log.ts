import { type Logger, pino } from 'pino'

/** Makes a log that nothing is written to. */
export function silentLog(): Logger {
  return pino({ level: 'silent' })
}
