import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import type { PinFlags } from '../locking/pin-project.ts'
import { projectFlags } from '../locking/project-flags.ts'
import { outputFlags } from '../output-flags.ts'

export const verb: Verb = defineVerb<PinFlags, []>({
  name: 'unpin',
  brief: 'Take the digests out of the sources again',
  description: [
    'Writes name:tag where the project has name:tag@sha256:…. The lock stays as it is. Without network.',
    '',
    '--json prints {written, files, refused, notLocked}.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '--dry-run', brief: 'show the diff' },
    { input: '', brief: 'take them out' },
    { input: '--json', brief: 'for programs' },
  ],
  parameters: {
    flags: {
      dryRun: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print the diff and write nothing',
      },
      ...projectFlags,
      ...jsonFlag,
      ...outputFlags,
    },
    positional: { kind: 'tuple', parameters: [] },
  },
  run: unpin,
})

async function unpin(context: CliContext, flags: PinFlags): Promise<void> {
  const { unpinProject } = await import('../locking/pin-project.ts')
  await unpinProject(context, flags)
}
