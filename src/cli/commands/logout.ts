import { eraseCredentials } from '../../registry/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { parseRegistryHost } from '../parse-registry-host.ts'
import { safeText } from '../render/safe-text.ts'

type Flags = OutputFlags & { readonly json?: boolean | undefined }

export const verb: Verb = defineVerb<Flags, [string?]>({
  name: 'logout',
  brief: 'Forget stored credentials',
  description:
    'Removes the credentials for a registry from every place where login, docker or podman put them.',
  usage: '[REGISTRY]',
  examples: [
    { input: 'ghcr.io', brief: 'one registry' },
    { input: '', brief: 'Docker Hub' },
    { input: '--json registry.example:5000', brief: 'for scripts' },
  ],
  parameters: {
    flags: {
      ...jsonFlag,
      ...outputFlags,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, optional: true, brief: 'Registry; default Docker Hub', placeholder: 'REGISTRY' },
      ],
    },
  },
  run: logout,
})

async function logout(
  { output, environment, signal }: CliContext,
  flags: Flags,
  registry = '',
): Promise<void> {
  const host = parseRegistryHost(registry)
  const places = await eraseCredentials(host, { environment, signal })
  if (flags.json === true) {
    output.json({ registry: host, removedFrom: places })
  } else if (places.length === 0) {
    output.note(`there were no credentials for ${host}`)
  } else {
    output.line(
      `${output.style.green('logged out')} of ${host}: removed from ${places.map((place) => safeText(place)).join(', ')}`,
    )
  }
}
