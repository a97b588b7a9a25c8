import type { Verb } from '../src/cli/define-verb.ts'
import { flagUsage } from '../src/cli/help.ts'
import { verbs } from '../src/cli/verbs.ts'
import { writeGenerated } from './write-generated.ts'

const pages: Record<string, string> = {}
const overview: string[] = []
let group = ''
for (const entry of Object.values(verbs)) {
  const { verb } = await entry.load()
  pages[`${verb.name}.md`] = page(verb)
  if (entry.group !== group) {
    group = entry.group
    overview.push('', `## ${group}`, '', '| verb | what it does |', '| --- | --- |')
  }
  overview.push(`| [${verb.name}](${verb.name}.md) | ${cell(verb.brief)} |`)
}

await writeGenerated('docs/reference', {
  'README.md': `${['# The verbs', '', 'Generated from the commands by `npm run reference`.', ...overview].join('\n')}\n`,
  ...pages,
})

function page(verb: Verb): string {
  const shortOf = new Map(Object.entries(verb.aliases).map(([letter, property]) => [property, letter]))
  const flags = Object.entries(verb.flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([property, flag]) => {
      const short = shortOf.get(property)
      const fallback = typeof flag.default === 'string' ? ` Default: \`${flag.default}\`.` : ''
      return `| ${short === undefined ? '' : `\`-${short}\` `}\`${cell(flagUsage(property, flag))}\` | ${cell(flag.brief)}.${fallback} |`
    })
  return `${[
    `# lading ${verb.name}`,
    '',
    `${verb.brief}.`,
    '',
    '```sh',
    ...verb.examples.map(
      ({ input, brief }) => `lading ${verb.name}${input === '' ? '' : ` ${input}`}  # ${brief}`,
    ),
    '```',
    '',
    `Usage: \`lading ${verb.name} [options] ${verb.usage}\``,
    '',
    verb.description,
    '',
    '| option | meaning |',
    '| --- | --- |',
    ...flags,
    '| `-h` `--help` | Show this. |',
  ].join('\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
