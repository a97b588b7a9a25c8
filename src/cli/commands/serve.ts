import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { count } from '../render/count.ts'
import { servingLines } from '../render/serving-lines.ts'
import { type ServeFlags, serveFlags } from '../serve/serve-flags.ts'

type Flags = OutputFlags & ServeFlags

export const verb: Verb = defineVerb<Flags, []>({
  name: 'serve',
  brief: 'Run a registry that docker, podman, skopeo and lading push to and pull from',
  description: [
    'Serves the OCI distribution API from a folder until it is stopped. Without options it listens on this machine alone,',
    'and everybody on it may do everything. Beyond this machine it wants TLS, or to be told that it may do without.',
    '',
    'What a flag does not say stands in registry.yaml (--config), which knows more: rules, tokens of CI jobs, limits,',
    'immutable tags. A flag wins over the file.',
    '',
    'A line for each request goes to standard output: for people on a terminal, elsewhere one JSON object each, so there is',
    'no --json. Ctrl-C or SIGTERM lets the requests that run finish, and is a success: exit code 0. A second one ends it at once.',
  ].join('\n'),
  usage: '',
  examples: [
    { input: '', brief: 'on localhost:5000, for this machine alone' },
    { input: '--listen localhost:5001 --data ./registry', brief: 'another port, another folder' },
    { input: '--listen :443 --tls-cert c.pem --tls-key k.pem', brief: 'for others, over TLS' },
    { input: '--htpasswd users', brief: 'for users with passwords' },
    { input: '--config registry.yaml', brief: 'with rules, limits and more' },
  ],
  parameters: { flags: { ...serveFlags, ...outputFlags }, aliases: { q: 'quiet' } },
  run: serve,
})

async function serve(context: CliContext, flags: Flags): Promise<void> {
  const { output, signal } = context
  // pino, prom-client, jose: only when it really starts.
  const { startServer } = await import('../serve/start-server.ts')
  const { server, options, close } = await startServer(flags, context)
  try {
    for (const line of servingLines(server, options, output)) output.note(line)
    await aborted(signal)
  } finally {
    if (server.running > 0) {
      output.note(`stopping: waits for ${count(server.running, 'request')} to end; a second signal cuts off`)
    }
    if (!(await close())) output.warn('requests that did not end in time were cut off')
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}
