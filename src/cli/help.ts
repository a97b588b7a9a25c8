import { flagUsage } from './flag-usage.ts'
import type { Style } from './render/style.ts'
import { textWidth } from './render/text-width.ts'
import { wrapText } from './render/wrap-text.ts'
import type { FlagDescription, VerbDescription } from './verb-description.ts'
import { verbs } from './verbs.ts'

/** Where lines are not told to be shorter: what is still read with ease. */
const readableWidth = 110

/**
 * The overview that `lading --help` prints.
 *
 * @param width Columns of the terminal.
 */
export function overviewLines(style: Style, version: string, width: number = readableWidth): string[] {
  const columns = Math.min(width, readableWidth)
  const groups = Object.groupBy(Object.entries(verbs), ([, entry]) => entry.group)
  const widest = Math.max(...Object.keys(verbs).map((name) => name.length))
  return [
    `${style.bold('lading')} ${version}: look at, move and open container images, by digest, without a daemon`,
    '',
    ...exampleLines(
      [
        { input: 'lading inspect python:3.12-slim', brief: 'what is it?' },
        {
          input: 'lading copy python:3.12-slim oci:images:3.12-slim',
          brief: 'bring it elsewhere',
        },
        { input: 'lading cat alpine /etc/os-release', brief: 'read a file in it' },
      ],
      style,
    ),
    ...Object.entries(groups).flatMap(([group, entries = []]) => [
      '',
      style.bold(group),
      ...entries.map(([name, entry]) => `  ${style.cyan(name.padEnd(widest))}  ${entry.brief}`),
    ]),
    '',
    ...wrapText(
      'An image is a reference as docker users write it, or docker://REF, oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:REF], docker-daemon:REF. A file may be - for standard input or output.',
      columns,
    ),
    '',
    `${style.dim('lading VERB --help')} shows a verb; ${style.dim('lading --version')} the version.`,
    ...wrapText(
      'Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 failed or could not be told, 130 interrupted.',
      columns,
    ),
  ]
}

/**
 * What `lading VERB --help` prints: first the command lines that people type.
 *
 * @param width Columns of the terminal.
 */
export function verbHelpLines(verb: VerbDescription, style: Style, width: number = readableWidth): string[] {
  const flags = Object.entries(verb.flags).filter(([, flag]) => flag.hidden !== true)
  const columns = Math.min(width, readableWidth)
  return [
    `${style.bold(`lading ${verb.name}`)}: ${verb.brief}`,
    '',
    ...exampleLines(
      verb.examples.map((example) => ({ ...example, input: `lading ${verb.name} ${example.input}` })),
      style,
    ),
    '',
    `${style.bold('usage')}  lading ${verb.name} [options] ${verb.usage}`,
    '',
    ...verb.description.split('\n\n').flatMap((text) => wrapText(text.replaceAll('\n', ' '), columns)),
    '',
    style.bold('options'),
    ...flagLines(verb, flags, { style, columns }),
  ]
}

function flagLines(
  verb: VerbDescription,
  flags: readonly (readonly [string, FlagDescription])[],
  { style, columns }: { readonly style: Style; readonly columns: number },
): string[] {
  const shortOf = new Map(Object.entries(verb.aliases).map(([letter, property]) => [property, letter]))
  const rows = flags.map(([property, flag]) => {
    const short = shortOf.get(property)
    return {
      usage: `${short === undefined ? '   ' : `-${short},`} ${flagUsage(property, flag)}`,
      brief: flagBrief(flag),
    }
  })
  rows.push({ usage: '-h, --help', brief: 'Show this' })
  const widest = Math.min(34, Math.max(...rows.map(({ usage }) => textWidth(usage))))
  const hanging = ' '.repeat(widest + 4)
  return rows.flatMap(({ usage, brief }) => {
    const [first = '', ...others] = wrapText(brief, Math.max(20, columns - hanging.length))
    const isLong = textWidth(usage) > widest
    return [
      ...(isLong
        ? [`  ${style.cyan(usage)}`, `${hanging}${first}`]
        : [`  ${style.cyan(usage.padEnd(widest))}  ${first}`]),
      ...others.map((line) => `${hanging}${line}`),
    ]
  })
}

function flagBrief(flag: FlagDescription): string {
  const isWorthSaying = typeof flag.default === 'string' || typeof flag.default === 'number'
  return isWorthSaying ? `${flag.brief} (default ${flag.default})` : flag.brief
}

function exampleLines(
  examples: readonly { readonly input: string; readonly brief: string }[],
  style: Style,
): string[] {
  const widest = Math.max(...examples.map(({ input }) => input.length))
  return examples.map(({ input, brief }) =>
    widest > 60
      ? `  ${input}\n      ${style.dim(`# ${brief}`)}`
      : `  ${input.padEnd(widest)}  ${style.dim(`# ${brief}`)}`,
  )
}
