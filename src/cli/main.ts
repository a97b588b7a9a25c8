import process from 'node:process'
import { hostPlatform } from '../oci/index.ts'
import type { CliContext } from './context.ts'
import { InterruptedError } from './exit-code.ts'
import { Output } from './output.ts'
import { runCommandLine } from './run-command-line.ts'

/** Runs the command line `lading …words` in this process; sets its exit code. */
export async function main(words: readonly string[]): Promise<void> {
  const output = new Output({
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    setExitCode: (code) => {
      process.exitCode = code
    },
  })
  leaveQuietlyWhenNobodyReads()
  const context: Omit<CliContext, 'verbs'> = {
    process: { stdout: process.stdout, stderr: process.stderr },
    environment: process.env,
    host: hostPlatform(process.platform, process.arch),
    output,
    signal: interruption(),
    stdin: () => process.stdin,
    stdout: () => process.stdout,
  }
  await runCommandLine(words, context)
}

/** A signal that Ctrl-C and SIGTERM abort; a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  const stop = (exitCode: 130 | 143) => () => {
    if (controller.signal.aborted) process.exit(exitCode)
    controller.abort(new InterruptedError(exitCode))
  }
  process.on('SIGINT', stop(130))
  process.on('SIGTERM', stop(143))
  return controller.signal
}

/** `lading tags … | head -1` closes our stdout: that is no error. */
function leaveQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    process.stderr.write(`error: Cannot write to standard output: ${error.code ?? error.message}\n`)
    process.exit(3)
  })
}
