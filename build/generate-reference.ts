import { join } from 'node:path'
import type { Verb } from '../src/cli/define-verb.ts'
import { flagUsage } from '../src/cli/flag-usage.ts'
import type { FlagDescription } from '../src/cli/verb-description.ts'
import { verbs } from '../src/cli/verbs.ts'
import { keepGenerated } from './keep-generated.ts'
import { projectRoot } from './project-root.ts'

/** Writes docs/reference from the commands: a page a verb, and one that lists them. */
async function generateReference(): Promise<void> {
  const loaded = await Promise.all(
    Object.entries(verbs).map(async ([name, entry]) => ({ name, ...entry, ...(await entry.load()) })),
  )
  const pages = new Map(loaded.map(({ name, verb }) => [`${name}.md`, verbPage(verb)]))
  pages.set('README.md', overviewPage(loaded))
  await keepGenerated(join(projectRoot, 'docs', 'reference'), pages, 'npm run reference')
}

function overviewPage(
  entries: readonly { readonly name: string; readonly group: string; readonly brief: string }[],
): string {
  const groups = Object.entries(Object.groupBy(entries, ({ group }) => group))
  const sections = groups.map(([group, members = []]) =>
    [
      `## ${group}`,
      '',
      '| verb | what it does |',
      '|---|---|',
      ...members.map(({ name, brief }) => `| [\`${name}\`](${name}.md) | ${cell(brief)} |`),
    ].join('\n'),
  )
  return `# Commands\n\nGenerated from the commands themselves: \`npm run reference\`.\n\n${sections.join('\n\n')}\n`
}

function verbPage(verb: Verb): string {
  const flags = Object.entries(verb.flags).filter(([, flag]) => flag.hidden !== true)
  return [
    `# lading ${verb.name}`,
    '',
    `${verb.brief}.`,
    '',
    '```sh',
    ...verb.examples.flatMap(({ input, brief }) => [`# ${brief}`, `lading ${verb.name} ${input}`.trimEnd()]),
    '```',
    '',
    `Usage: \`lading ${verb.name} [options] ${verb.usage}\``,
    '',
    verb.description,
    '',
    '## Options',
    '',
    '| option | meaning |',
    '|---|---|',
    ...flags.map(([property, flag]) => `| ${optionCell(verb, property, flag)} | ${cell(flag.brief)} |`),
    '| `-h`, `--help` | Show help |',
    '',
  ].join('\n')
}

function optionCell(verb: Verb, property: string, flag: FlagDescription): string {
  const letters = Object.entries(verb.aliases).flatMap(([letter, name]) =>
    name === property ? [letter] : [],
  )
  return [
    ...letters.map((letter) => `\`-${letter}\``),
    `\`${flagUsage(property, flag).replaceAll('|', String.raw`\|`)}\``,
  ].join(', ')
}

/** Text as it may stand in a cell of a table. */
function cell(text: string): string {
  return text
    .replaceAll('|', String.raw`\|`)
    .replaceAll('\n', ' ')
    .replaceAll('<', '&lt;')
}

await generateReference()
