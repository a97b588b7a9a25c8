import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defaultDataDirectory } from '../default-data-directory.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { FsckProgressLine } from '../fsck-progress-line.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { checkedLine, findingRow, findingWhere, harmLines } from '../render/finding-lines.ts'

type Flags = OutputFlags & {
  readonly data?: string | undefined
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
}

export const verb: Verb = defineVerb<Flags, []>({
  name: 'fsck',
  brief: 'Check what a registry has stored, and say whom damage hurts',
  description: [
    'Reads everything in the data directory of lading serve again: records, the digest of each manifest and of all bytes of',
    'blobs, and files that belong to nothing. It changes and repairs nothing, and a server may run meanwhile. For each damage',
    'it says which manifests and tags of which repositories need what is damaged.',
    '',
    'Exit code 0: nothing is damaged (leftovers are no damage: the server removes them); 1: something is; 3: something',
    'could not be read, and so could not be told. --json prints {directory, findings, checked, damaged, unreadable, leftover}.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '', brief: 'the registry of lading serve' },
    { input: '--data /srv/registry', brief: 'another folder' },
    { input: '--quiet', brief: 'only what is damaged, for scripts' },
  ],
  parameters: {
    flags: {
      data: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'dir',
        brief: 'Folder that the registry keeps everything in; default ~/.local/share/lading/registry',
      },
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print only what is damaged, one a line',
      },
      ...jsonFlag,
      ...outputFlags,
    },
    aliases: { q: 'quiet' },
  },
  run: check,
})

async function check(context: CliContext, flags: Flags): Promise<void> {
  const { output, signal, environment } = context
  const { checkDataDirectory, isDamage } = await import('../../server/index.ts')
  const directory = flags.data ?? defaultDataDirectory(environment)
  const progress = new FsckProgressLine(output)
  const findings = []
  const isQuiet = flags.quiet === true || flags.json === true
  if (!isQuiet) progress.start()
  let checked
  try {
    const checking = checkDataDirectory(directory, { signal, onProgress: (state) => progress.show(state) })
    for (let next = await checking.next(); ; next = await checking.next()) {
      if (next.done === true) {
        checked = next.value
        break
      }
      findings.push(next.value)
    }
  } finally {
    progress.stop()
  }

  const unreadable = findings.filter(
    (finding) => finding.rule === 'content-damaged' && finding.problem.state === 'unreadable',
  )
  const damaged = findings.filter((finding) => isDamage(finding) && !unreadable.includes(finding))
  const leftover = findings.length - damaged.length - unreadable.length
  const counts = { damaged: damaged.length, unreadable: unreadable.length, leftover }
  if (flags.json === true) {
    output.json({ directory, findings, checked, ...counts })
  } else if (flags.quiet === true) {
    for (const finding of [...damaged, ...unreadable]) output.line(findingWhere(finding))
  } else {
    if (findings.length > 0) {
      const columns = [{ title: 'PROBLEM' }, { title: 'WHERE' }, { title: 'DETAIL', shrinks: true }]
      output.table(
        columns,
        findings.map((finding) => findingRow(finding, output.style)),
      )
    }
    for (const finding of findings) for (const line of harmLines(finding, output.style)) output.line(line)
    output.line(checkedLine(checked, counts, output.style))
  }
  if (counts.damaged > 0) output.exitWith(1)
  else if (counts.unreadable > 0) output.exitWith(3)
}
