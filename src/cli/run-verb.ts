import {
  type ApplicationText,
  buildApplication,
  ExitCode,
  formatMessageForArgumentScannerError,
  ArgumentScannerError,
  run,
  text_en,
} from '@stricli/core'
import { LadingError, UsageError } from '../errors/index.ts'
import type { CliContext } from './context.ts'
import type { Verb } from './define-verb.ts'
import { verbHelpLines } from './help.ts'
import { nearest } from './nearest.ts'

/** Runs a verb with the words behind it; `--help` shows it instead. */
export async function runVerb(verb: Verb, words: readonly string[], context: CliContext): Promise<void> {
  if (asksForHelp(words)) {
    for (const line of verbHelpLines(verb, context.output.style, context.output.width))
      context.output.line(line)
    return
  }
  let refused: unknown
  const application = buildApplication(verb.command, {
    name: `lading ${verb.name}`,
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    localization: {
      text: wording((error) => {
        refused = error
      }),
    },
  })
  // stricli writes its own wording to stderr and sets its own exit codes; both are ours to say.
  let exitCode: unknown = null
  const process = {
    env: { STRICLI_SKIP_VERSION_CHECK: '1', STRICLI_NO_COLOR: '1' },
    stdout: context.process.stdout,
    stderr: { write: () => undefined },
    set exitCode(code: number | string | null) {
      exitCode = code
    },
    get exitCode() {
      return typeof exitCode === 'number' ? exitCode : null
    },
  }
  await run(application, words, { ...context, process })
  if (refused !== undefined) {
    context.output.fail(refused)
  } else if (exitCode !== null && exitCode !== ExitCode.Success) {
    context.output.fail(
      new LadingError(
        'INTERNAL',
        `Cannot run ${verb.name}: the command line parser ended with ${JSON.stringify(exitCode)}`,
      ),
    )
  }

  function wording(onError: (error: unknown) => void): ApplicationText {
    const other = (error: unknown): string => {
      onError(error)
      return ''
    }
    return {
      ...text_en,
      exceptionWhileParsingArguments: (error) => {
        onError(asUsageError(error, verb, words))
        return ''
      },
      exceptionWhileLoadingCommandFunction: other,
      exceptionWhileLoadingCommandContext: other,
      exceptionWhileRunningCommand: other,
      commandErrorResult: other,
    }
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end < 0 ? words.length : end).some((word) => word === '--help' || word === '-h')
}

function asUsageError(error: unknown, verb: Verb, words: readonly string[]): unknown {
  if (error instanceof LadingError) return error
  if (!(error instanceof ArgumentScannerError)) return error
  const hint = `lading ${verb.name} --help`
  const reason = formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) => {
      const near = nearest(input, corrections)
      return `${verb.name} has no option --${input}${near === undefined ? '' : `; did you mean --${near}?`}`
    },
    AliasNotFoundError: ({ input }) => `${verb.name} has no option -${input}`,
    UnsatisfiedPositionalError: () => `it needs ${verb.usage}`,
    UnexpectedPositionalError: ({ input, expectedCount }) =>
      expectedCount === 0
        ? `it takes options only, not ${JSON.stringify(input)}`
        : `${JSON.stringify(input)} is one argument more than the ${expectedCount} that it takes (${verb.usage})`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} is ${values.join(', ')}; not ${JSON.stringify(input)}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, exception, input }) =>
      exception instanceof LadingError
        ? exception.message
        : `${externalFlagNameOrPlaceholder} cannot be ${JSON.stringify(input)}: ${exception instanceof Error ? exception.message : String(exception)}`,
  })
  return new UsageError(`Cannot run lading ${[verb.name, ...words].join(' ')}: ${reason}`, {
    hint,
    cause: error,
  })
}
