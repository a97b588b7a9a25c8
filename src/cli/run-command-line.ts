import { UsageError } from '../errors/index.ts'
import type { CliContext } from './context.ts'
import { translateForeign } from './foreign-verbs.ts'
import { overviewLines, verbHelpLines } from './help.ts'
import { nearest } from './nearest.ts'
import { safeText } from './render/safe-text.ts'
import { runVerb } from './run-verb.ts'
import type { VerbDescription } from './verb-description.ts'
import { type VerbEntry, verbs } from './verbs.ts'
import { packageVersion } from './version.ts'

/** Runs the command line `lading …words`. What goes wrong is shown and becomes the exit code; it never rejects. */
export async function runCommandLine(
  words: readonly string[],
  context: Omit<CliContext, 'verbs'>,
): Promise<void> {
  await context.output.run({ color: 'auto' }, () => dispatch(words, { ...context, verbs: loadVerbs }))
}

async function loadVerbs(): Promise<readonly VerbDescription[]> {
  return Promise.all(Object.values(verbs).map(async ({ load }) => (await load()).verb))
}

async function dispatch(words: readonly string[], context: CliContext): Promise<void> {
  const [first, ...rest] = words
  if (
    first === undefined ||
    first === '--help' ||
    first === '-h' ||
    (first === 'help' && rest[0] === undefined)
  ) {
    for (const line of overviewLines(context.output.style, packageVersion(), context.output.width))
      context.output.line(line)
    return
  }
  if (first === '--version' || first === '-V' || first === 'version') {
    context.output.line(packageVersion())
    return
  }
  if (first === 'help') {
    const { verb } = await entryOf(rest).load()
    for (const line of verbHelpLines(verb, context.output.style, context.output.width))
      context.output.line(line)
    return
  }
  const { verb } = await entryOf(words).load()
  await runVerb(verb, rest, context)
}

function entryOf(words: readonly string[]): VerbEntry {
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
