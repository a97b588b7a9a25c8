import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import type { CheckFlags } from '../locking/check-project.ts'
import { projectFlags } from '../locking/project-flags.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'
import { trustFlags } from '../verification/trust-flags.ts'

export const verb: Verb = defineVerb<CheckFlags, []>({
  name: 'check',
  brief: 'Say whether the sources of a project and its lock agree',
  description: [
    'Answers yes (exit code 0) where every image of the sources is in lading.lock, nothing in it is stale, and digests in the sources are',
    'those of the lock; else no (1), with file and line of each. Asks nobody.',
    '',
    '--online asks the registries too: a locked digest that is gone, or a tag that somebody else signs now, is a no; a tag that moved is',
    'reported, and is a no with --fail-on moved. --verify decides about the signatures of what is locked again, by their bundles: a lock',
    'can be edited. --baseline LOCK holds both to the signers of that lock, as the one of the main branch.',
    '',
    '--format github writes annotations, --format sarif a file for code scanning. --json prints {file, ok, images, findings, errors}.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '', brief: 'without network, as in CI' },
    { input: '--online', brief: 'and whether tags have moved' },
    { input: '--verify --format github', brief: 'in a pull request' },
  ],
  parameters: {
    flags: {
      online: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Ask the registries what the tags are now',
      },
      verify: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Verify the signatures of what is locked again',
      },
      baseline: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'lock',
        brief: 'With --online or --verify: hold signers to this older lock',
      },
      failOn: {
        kind: 'enum',
        values: ['moved'],
        optional: true,
        brief: 'With --online: a tag that moved is a no',
      },
      format: {
        kind: 'enum',
        values: ['github', 'sarif'],
        optional: true,
        brief: 'Write annotations of GitHub Actions, or SARIF',
      },
      ...projectFlags,
      ...trustFlags,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    positional: { kind: 'tuple', parameters: [] },
  },
  run: check,
})

async function check(context: CliContext, flags: CheckFlags): Promise<void> {
  const { checkProject } = await import('../locking/check-project.ts')
  await checkProject(context, flags)
}
