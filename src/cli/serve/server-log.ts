import { createLog, type LogLevel, type ServerOptions } from '../../server/index.ts'
import type { CliContext } from '../context.ts'
import { logLine } from '../render/log-line.ts'
import { batchLines } from './batch-lines.ts'

/** Options of {@link serverLog}. */
export interface ServerLogOptions {
  /** Warnings and errors only. */
  readonly quiet: boolean
  /** The least that is written; default info. */
  readonly level: LogLevel | undefined
}

/** Makes the server's log, on standard output: aligned lines for people on a terminal, elsewhere lines of JSON. */
export function serverLog(
  { output, stdout }: CliContext,
  { quiet, level = 'info' }: ServerLogOptions,
): NonNullable<ServerOptions['log']> {
  const least = output.debug ? 'debug' : quiet && level !== 'error' ? 'warn' : level
  if (stdout().isTTY !== true) return createLog(batchLines(stdout()), least)
  const { style } = output
  return createLog(
    {
      write(record) {
        const line = logLine(record, style)
        if (line !== undefined) output.line(line)
      },
    },
    least,
  )
}
