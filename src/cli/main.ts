import process from 'node:process'
import { UsageError } from '../errors/index.ts'
import type { CliContext } from './context.ts'
import { InterruptedError } from './exit-code.ts'
import { translateForeign } from './foreign-verbs.ts'
import { overviewLines, verbHelpLines } from './help.ts'
import { nearest } from './nearest.ts'
import { Output } from './output.ts'
import { safeText } from './render/safe-text.ts'
import { runVerb } from './run-verb.ts'
import { verbs } from './verbs.ts'
import { packageVersion } from './version.ts'

/** Runs the command line `lading …words`; sets the exit code of the process. */
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
  const context: CliContext = {
    process: { stdout: process.stdout, stderr: process.stderr },
    environment: process.env,
    output,
    signal: interruption(),
    stdin: () => process.stdin,
    stdout: () => process.stdout,
  }
  await output.run({ color: 'auto' }, () => dispatch(words, context))
}

async function dispatch(words: readonly string[], context: CliContext): Promise<void> {
  const [first, ...rest] = words
  if (
    first === undefined ||
    first === '--help' ||
    first === '-h' ||
    (first === 'help' && rest[0] === undefined)
  ) {
    for (const line of overviewLines(context.output.style, packageVersion())) context.output.line(line)
    return
  }
  if (first === '--version' || first === '-V' || first === 'version') {
    context.output.line(packageVersion())
    return
  }
  if (first === 'help') {
    const { verb } = await entryOf(rest).load()
    for (const line of verbHelpLines(verb, context.output.style)) context.output.line(line)
    return
  }
  const { verb } = await entryOf(words).load()
  await runVerb(verb, rest, context)
}

function entryOf(words: readonly string[]): (typeof verbs)[string] {
  const [name = ''] = words
  const entry = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (entry !== undefined) return entry

  const ours = translateForeign(words)
  if (ours !== undefined) {
    throw new UsageError(
      `Cannot run ${safeText(['lading', ...words].join(' '))}: that is another tool's verb`,
      { hint: ours },
    )
  }
  if (name.startsWith('-')) {
    throw new UsageError(`Cannot run lading ${safeText(name)}: options stand behind the verb`, {
      hint: `lading ${words.find((word) => Object.hasOwn(verbs, word)) ?? 'VERB'} ${safeText(name)} …`,
    })
  }
  const near = nearest(name, Object.keys(verbs))
  throw new UsageError(`Cannot run lading ${safeText(name)}: there is no such verb`, {
    hint: near === undefined ? 'lading --help' : ['lading', near, ...words.slice(1)].join(' '),
  })
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
