import process from 'node:process'
import { getSystemErrorMessage } from 'node:util'
import { hostPlatform } from '../oci/index.ts'
import type { CliContext } from './context.ts'
import { InterruptedError, OutputGoneError } from './exit-code.ts'
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
  const controller = new AbortController()
  stopOnSignals(controller)
  stopWhenOutputEnds(controller)
  const context: Omit<CliContext, 'verbs'> = {
    process: { stdout: process.stdout, stderr: process.stderr },
    environment: process.env,
    directory: () => process.cwd(),
    host: hostPlatform(process.platform, process.arch),
    output,
    signal: controller.signal,
    stdin: () => process.stdin,
    stdout: () => process.stdout,
  }
  await runCommandLine(words, context)
}

/** Ctrl-C and SIGTERM stop all work; a second one ends the process at once. */
function stopOnSignals(controller: AbortController): void {
  const stop = (exitCode: 130 | 143) => () => {
    if (controller.signal.aborted) process.exit(exitCode)
    controller.abort(new InterruptedError(exitCode))
  }
  process.on('SIGINT', stop(130))
  process.on('SIGTERM', stop(143))
}

/** Work whose answer cannot be written stops, and cleans up. `lading tags … | head -1` closes our stdout: that is no error. */
function stopWhenOutputEnds(controller: AbortController): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (controller.signal.aborted) return
    if (error.code !== 'EPIPE') {
      const reason = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno)
      process.stderr.write(`error: Cannot write to standard output: ${reason}\n`)
      process.exitCode = 3
    }
    controller.abort(new OutputGoneError(error))
  })
  // Where errors cannot be told the exit code still can.
  process.stderr.on('error', () => undefined)
}
