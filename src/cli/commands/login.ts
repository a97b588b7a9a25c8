import { UsageError } from '../../errors/index.ts'
import { parseLocation } from '../../images/index.ts'
import { storeCredentials } from '../../registry/index.ts'
import { ask, askSecret, canAsk } from '../ask.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { parseRegistryHost } from '../parse-registry-host.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { readSecret } from '../read-secret.ts'
import { safeText } from '../render/safe-text.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly username?: string | undefined
    readonly passwordStdin?: boolean | undefined
    readonly password?: string | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string?]>({
  name: 'login',
  brief: 'Check and store credentials for a registry',
  description: [
    'Asks the registry whether it takes the credentials, and only then stores them where docker and podman find them too:',
    'with the credential helper that ~/.docker/config.json names, else in that file, else in $REGISTRY_AUTH_FILE where it is set.',
  ].join('\n'),
  usage: '[REGISTRY]',
  examples: [
    { input: 'ghcr.io', brief: 'asks for user and password' },
    { input: '-u me --password-stdin registry.example < token', brief: 'in a script' },
    { input: '', brief: 'Docker Hub' },
  ],
  parameters: {
    flags: {
      username: { kind: 'parsed', parse: String, optional: true, placeholder: 'user', brief: 'User name' },
      passwordStdin: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Read the password or token from standard input',
      },
      // docker, skopeo and crane have it; whoever lists the processes reads it.
      password: {
        kind: 'parsed',
        parse: String,
        optional: true,
        hidden: true,
        brief: 'Password, for all to see',
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { u: 'username', p: 'password' },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, optional: true, brief: 'Registry; default Docker Hub', placeholder: 'REGISTRY' },
      ],
    },
  },
  run: login,
})

async function login(context: CliContext, flags: Flags, registry = ''): Promise<void> {
  const { output, signal, environment } = context
  const host = parseRegistryHost(registry)
  const { username, password } = await credentials(context, flags, host)
  // Flags about registries hold for those that the locations name.
  const location = parseLocation(`${host}/repository`)
  await withPlaces(context, flags, [location], async ({ places }) => {
    const verdict = await places.registry.checkCredentials(host, { username, password }, { signal })
    const stored = await storeCredentials(host, { username, password }, { environment, signal })
    if (flags.json === true) {
      output.json({
        registry: host,
        username,
        checked: verdict === 'accepted',
        storedIn: stored.place,
        plainText: stored.plainText,
      })
      return
    }
    output.line(
      `${output.style.green('logged in')} to ${host} as ${safeText(username)}; stored in ${safeText(stored.place)}`,
    )
    if (verdict === 'not-asked') {
      output.warn(`${host} lets everybody in without a question, so it did not check them`)
    }
    if (stored.plainText) {
      output.note(
        output.errorStyle.dim(
          'The password can be read in that file; "credsStore" in ~/.docker/config.json names a helper that keeps it safer.',
        ),
      )
    }
  })
}

async function credentials(
  context: CliContext,
  flags: Flags,
  host: string,
): Promise<{ readonly username: string; readonly password: string }> {
  const { output, signal } = context
  if (flags.passwordStdin === true && flags.password !== undefined) {
    throw new UsageError('Cannot log in: --password and --password-stdin exclude each other')
  }
  if (flags.password !== undefined) {
    output.warn(
      'a password on the command line is seen by everybody on this machine and kept by the shell; use --password-stdin',
    )
  }
  const isAsking = canAsk(context) && flags.passwordStdin !== true
  if (
    !isAsking &&
    (flags.username === undefined || (flags.passwordStdin !== true && flags.password === undefined))
  ) {
    throw new UsageError(`Cannot log in to ${host}: there is no terminal to ask on`, {
      hint: `lading login -u USER --password-stdin ${host} < FILE`,
    })
  }
  const username = flags.username ?? (await ask(context, `User name for ${host}`))
  if (username === '' || username.includes(':')) {
    throw new UsageError('Cannot log in: a user name is not empty and has no colon')
  }
  const password =
    flags.passwordStdin === true
      ? await readSecret(context.stdin(), signal)
      : (flags.password ?? (await askSecret(context, 'Password or token')))
  if (password === '') throw new UsageError('Cannot log in: the password is empty')
  return { username, password }
}
