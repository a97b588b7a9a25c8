import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { outputFlags } from '../output-flags.ts'
import { type TrustAction, trustActions, type TrustVerbFlags } from '../trust/trust-flags.ts'
import { trustFlags } from '../verification/trust-flags.ts'

export const verb: Verb = defineVerb<TrustVerbFlags, [TrustAction]>({
  name: 'trust',
  brief: 'Show and refresh whom verify believes, make a key to sign with',
  description: [
    'show: the trust roots in use, with their authorities and logs. No network.',
    "update: fetches newer roots by The Update Framework: Sigstore's public ones, and those of the instances that were given.",
    '  --mirror URL --root FILE gives another instance, which is remembered and believed by verify; --github stands for',
    "  GitHub's, which signs for private repositories. The root has to come by a way that you trust.",
    "generate-key: writes a key pair as cosign's: PREFIX.key, encrypted with LADING_KEY_PASSWORD, COSIGN_PASSWORD or what is",
    '  typed on the terminal, and PREFIX.pub. What is there is never replaced.',
    '',
    '--json prints {roots} or {privateKey, publicKey}.',
  ].join('\n'),
  usage: trustActions.join('|'),
  examples: [
    { input: 'show', brief: 'whom verify believes' },
    { input: 'update', brief: 'fetch newer roots' },
    {
      input: 'update --github --root root.json',
      brief: "believe GitHub's instance for private repositories too",
    },
    { input: 'generate-key --output-key-prefix release', brief: 'release.key and release.pub' },
  ],
  parameters: {
    flags: {
      github: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: "update: GitHub's own instance",
      },
      mirror: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'url',
        brief: 'update: the instance whose repository is there',
      },
      root: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'update: its root.json, once',
      },
      outputKeyPrefix: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'path',
        brief: 'generate-key: what the names begin with; default: lading',
      },
      ...trustFlags,
      ...jsonFlag,
      ...outputFlags,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: parseAction, brief: 'What to do', placeholder: 'ACTION' }],
    },
  },
  run: runTrust,
})

function parseAction(text: string): TrustAction {
  const action = trustActions.find((one) => one === text)
  if (action === undefined) throw new Error(`it is one of ${trustActions.join(', ')}`)
  return action
}

async function runTrust(context: CliContext, flags: TrustVerbFlags, action: TrustAction): Promise<void> {
  switch (action) {
    case 'show':
      return (await import('../trust/show-trust.ts')).showTrust(context, flags)
    case 'update':
      return (await import('../trust/update-trust.ts')).updateTrust(context, flags)
    case 'generate-key':
      return (await import('../trust/generate-key.ts')).generateKey(context, flags)
    default:
      return action satisfies never
  }
}
