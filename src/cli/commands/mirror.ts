import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import type { MirrorFlags } from '../locking/mirror-project.ts'
import { projectFlags } from '../locking/project-flags.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'

export const verb: Verb = defineVerb<MirrorFlags, []>({
  name: 'mirror',
  brief: 'Copy the images of the lock to a registry of your own',
  description: [
    'Copies what lading.lock holds by digest, with all platforms, signatures and attestations, eight images at once: a version that',
    'vanishes upstream is still there. An image is at the mirror below its own registry, docker.io/library/python:3.12 at',
    'REGISTRY/PREFIX/docker.io/library/python:3.12. What is there already is not sent again, so that an interrupted mirror goes on where',
    'it was. A tag is set last, when all is there; what has none gets one made from its digest, since registries collect what has none.',
    '',
    'With lock.mirror in lading.yaml --to is not needed, lading check --online looks there for what is gone, and lading lock --emit names',
    'the images there. What could not be copied is named, and the exit code is 3. --json prints {dryRun, mirror, images, counts}.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '--to registry.example/mirror', brief: 'all images of the lock' },
    { input: '--dry-run --to registry.example/mirror', brief: 'say what would be copied' },
    { input: '', brief: 'to lock.mirror of lading.yaml' },
  ],
  parameters: {
    flags: {
      to: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'registry[/prefix]',
        brief: 'Where to; default: lock.mirror of lading.yaml',
      },
      dryRun: { kind: 'boolean', optional: true, withNegated: false, brief: 'Copy nothing' },
      ...projectFlags,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    positional: { kind: 'tuple', parameters: [] },
  },
  run: mirror,
})

async function mirror(context: CliContext, flags: MirrorFlags): Promise<void> {
  const { mirrorProject } = await import('../locking/mirror-project.ts')
  await mirrorProject(context, flags)
}
