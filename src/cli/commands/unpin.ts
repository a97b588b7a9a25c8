import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type PinFlags, pinFlags } from '../locking/pin-flags.ts'

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
    flags: pinFlags,
    positional: { kind: 'tuple', parameters: [] },
  },
  run: unpin,
})

async function unpin(context: CliContext, flags: PinFlags): Promise<void> {
  const { unpinProject } = await import('../locking/pin-project.ts')
  await unpinProject(context, flags)
}
