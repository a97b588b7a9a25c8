import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { parseAge } from '../locking/parse-age.ts'
import { projectFlags } from '../locking/project-flags.ts'
import type { UpdateFlags } from '../locking/update-project.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'
import { trustFlags } from '../verification/trust-flags.ts'

export const verb: Verb = defineVerb<UpdateFlags, string[]>({
  name: 'update',
  brief: 'Move tags on in the lock, and in the sources where they are pinned',
  description: [
    'Looks the tags up that the lock has, all of them or those that are named (python, astral-sh/uv, redis:7), shows what moved with its',
    'signer, age and platforms, and writes lading.lock and the digests in the sources. With --tags newer tags of the same kind are taken',
    'too: same suffix, same major version, or --range.',
    '',
    '--min-age 3d holds back what was published less than three days ago: by the proved time of its signature, else by what the image says',
    'of itself; what does not say is held back too. Signers are held to as lading lock does it. Asks on a terminal.',
    '',
    '--json prints {file, written, updates, heldBack, refused, sources, stopped, problems, errors}.',
  ].join('\n'),
  usage: '[NAME…]',
  examples: [
    { input: '', brief: 'everything that moved' },
    { input: '--tags --min-age 3d python', brief: 'a newer version too, of three days at least' },
    { input: '--dry-run --json', brief: 'for programs' },
  ],
  parameters: {
    flags: {
      tags: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Take newer tags: same suffix, same major version',
      },
      range: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'range',
        brief: "Take newer tags of these versions, as npm writes ranges: '^3.12', '>=3 <5'",
      },
      minAge: {
        kind: 'parsed',
        parse: parseAge,
        optional: true,
        placeholder: 'time',
        brief: 'Hold back what is younger: 3d, 12h, 2w',
      },
      acceptSigner: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'repository',
        brief: 'Remember whoever signs the images of this repository now',
      },
      dryRun: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Show what would change and write nothing',
      },
      yes: { kind: 'boolean', optional: true, withNegated: false, brief: 'Do not ask' },
      ...projectFlags,
      ...trustFlags,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { y: 'yes' },
    positional: { kind: 'array', parameter: { parse: String, brief: 'Image', placeholder: 'NAME' } },
  },
  run: update,
})

async function update(context: CliContext, flags: UpdateFlags, ...names: string[]): Promise<void> {
  const { updateProject } = await import('../locking/update-project.ts')
  await updateProject(context, flags, names)
}
