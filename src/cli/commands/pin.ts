import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type PinFlags, pinFlags } from '../locking/pin-flags.ts'

export const verb: Verb = defineVerb<PinFlags, []>({
  name: 'pin',
  brief: 'Write the digests of the lock into the sources',
  description: [
    'Writes name:tag@sha256:… wherever the project names an image, by lading.lock: the digest of the index, never that of one platform; the',
    'tag is kept. Nothing but the bytes of the value changes. Charts and kustomizations that have a field for the digest get it there.',
    'Where an image is not in the lock nothing is written (exit code 1). Without network; doing it again changes nothing.',
    '',
    '--json prints {written, files, refused, notLocked}.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '--dry-run', brief: 'show the diff' },
    { input: '', brief: 'write them' },
    { input: '--json', brief: 'for programs' },
  ],
  parameters: {
    flags: pinFlags,
    positional: { kind: 'tuple', parameters: [] },
  },
  run: pin,
})

async function pin(context: CliContext, flags: PinFlags): Promise<void> {
  const { pinProject } = await import('../locking/pin-project.ts')
  await pinProject(context, flags)
}
