import { bashCompletion } from '../completion/bash-completion.ts'
import { completedVerb } from '../completion/completed-verb.ts'
import { fishCompletion } from '../completion/fish-completion.ts'
import { zshCompletion } from '../completion/zsh-completion.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

type Shell = keyof typeof scripts

export const verb: Verb = defineVerb<OutputFlags, [Shell]>({
  name: 'completion',
  brief: 'Print the completion script for bash, zsh or fish',
  description: [
    'The script completes verbs, flags, their values, and paths behind oci:, oci-archive: and docker-archive:.',
    'It asks no registry. Put the line for your shell into ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish.',
  ].join('\n'),
  usage: 'bash|zsh|fish',
  examples: [
    { input: 'bash', brief: 'source <(lading completion bash)' },
    { input: 'zsh', brief: 'source <(lading completion zsh)' },
    { input: 'fish', brief: 'lading completion fish | source' },
  ],
  parameters: {
    flags: outputFlags,
    positional: { kind: 'tuple', parameters: [{ parse: parseShell, brief: 'Shell', placeholder: 'SHELL' }] },
  },
  run: printCompletion,
})

function parseShell(text: string): Shell {
  if (isShell(text)) return text
  throw new Error(`it is one of ${Object.keys(scripts).join(', ')}`)
}

function isShell(text: string): text is Shell {
  return Object.hasOwn(scripts, text)
}

async function printCompletion(
  { output, verbs }: CliContext,
  _flags: OutputFlags,
  shell: Shell,
): Promise<void> {
  const all = await verbs()
  output.text(scripts[shell](all.map((one) => completedVerb(one))))
}
