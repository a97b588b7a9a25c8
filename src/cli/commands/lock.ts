import { UsageError } from '../../errors/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import type { EmitFlags } from '../locking/emit-project.ts'
import type { LockFlags } from '../locking/lock-project.ts'
import { projectFlags } from '../locking/project-flags.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'
import { trustFlags } from '../verification/trust-flags.ts'

type Flags = LockFlags & EmitFlags

export const verb: Verb = defineVerb<Flags, []>({
  name: 'lock',
  brief: 'Write down the digests of all images that a project uses, and who signed them',
  description: [
    'Finds the images that the project names, looks each tag up once, asks who published it, and writes lading.lock. What is in the',
    'lock stays as it is; what is new is added, what is gone is dropped. To move tags on: lading update.',
    '',
    'Whoever signed an image first is remembered for its repository. When another issuer, owner or source repository signs later, or',
    'nobody does, nothing is written and the answer is no (exit code 1), until --accept-signer says that it is right. Rules of',
    'lading.yaml come before what is remembered. An image of which something could not be told fails the whole (3).',
    '',
    '--emit prints the lock that there is for those who build and deploy, so that no source has to be edited: a source policy of BuildKit,',
    'a Bake file with a target to inherit, an override of compose, a component of kustomize. Nobody is asked; where the sources name what',
    'the lock has not, nothing is printed (1). With lock.mirror in lading.yaml the images are those of the mirror.',
    '',
    '--json prints {file, written, upToDate, images, dropped, unresolved, unlockable, stopped, problems, errors}.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '', brief: 'in the folder of the project' },
    { input: '--check', brief: 'write nothing, and say no where the lock is not what it should be' },
    { input: '--emit buildkit-policy -o policy.json', brief: 'for builds, with no source edited' },
    { input: '--accept-signer ghcr.io/acme/app', brief: 'somebody else signs it now, and that is right' },
  ],
  parameters: {
    flags: {
      check: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Write nothing; exit code 1 where lading.lock would change',
      },
      emit: {
        kind: 'enum',
        values: ['buildkit-policy', 'bake', 'compose', 'kustomize'],
        optional: true,
        brief: 'Print the lock for another tool, and lock nothing',
      },
      output: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'With --emit: where to write; default and -: standard output',
      },
      acceptSigner: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'repository',
        brief: 'Remember whoever signs the images of this repository now',
      },
      ...projectFlags,
      ...trustFlags,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { o: 'output' },
    positional: { kind: 'tuple', parameters: [] },
  },
  run: lock,
})

async function lock(context: CliContext, flags: Flags): Promise<void> {
  const { emit, output } = flags
  if (emit !== undefined) {
    const { emitProject } = await import('../locking/emit-project.ts')
    return emitProject(context, flags, emit)
  }
  if (output !== undefined)
    throw new UsageError('Cannot take --output without --emit: the lock is always lading.lock')
  const { lockProject } = await import('../locking/lock-project.ts')
  await lockProject(context, flags)
}
