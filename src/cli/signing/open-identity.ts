import { UsageError } from '../../errors/index.ts'
import type { Transport } from '../../http/index.ts'
import {
  ambientIdentityToken,
  type BundleSigner,
  IdentityToken,
  IdentityTokenError,
  keylessSigner,
  loginIdentityToken,
  type SigningServices,
} from '../../signing/index.ts'
import { canAsk } from '../ask.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import type { SigningFlags } from './signing-flags.ts'

const largestToken = 64 * 1024

/**
 * The signer by an identity: of the token that is given, of the job that runs this, or of the person who logs in.
 *
 * @throws {IdentityTokenError} there is none. {@link SigningServiceError} there is no certificate for it.
 */
export async function openIdentity(
  context: CliContext,
  flags: SigningFlags,
  services: SigningServices,
  transport: Transport,
): Promise<BundleSigner> {
  const { fulcio } = services
  if (fulcio === undefined) throw new UsageError('Cannot sign: there is no certificate authority')
  const token = (): Promise<IdentityToken> => tokenOf(context, flags, services, transport)
  return keylessSigner({ fulcio, transport, signal: context.signal, token })
}

async function tokenOf(
  context: CliContext,
  { identityToken }: SigningFlags,
  { oidcIssuer }: SigningServices,
  transport: Transport,
): Promise<IdentityToken> {
  const { environment, output, signal } = context
  if (identityToken !== undefined) {
    return new IdentityToken((await readInput(context, identityToken, largestToken)).toString('utf8').trim())
  }
  const ambient = await ambientIdentityToken({ environment, transport, signal })
  if (ambient !== undefined) return ambient
  if (oidcIssuer === undefined || !canAsk(context))
    throw new IdentityTokenError(
      'Cannot tell who signs: there is no identity token, and no terminal to log in on',
      {
        hint: 'Run it in a job that has one (docs/guides/sign.md), or give --identity-token FILE or --key FILE.',
      },
    )
  return loginIdentityToken({
    issuer: oidcIssuer,
    transport,
    signal,
    show: (page) => output.note(`To say who you are, open this page:\n  ${page.href}`),
  })
}
