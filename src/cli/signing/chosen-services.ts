import { UsageError } from '../../errors/index.ts'
import { readServiceUrl, readSigningConfig, type SigningServices, usedTrust } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { trustFolders } from '../trust/trust-folders.ts'
import { publicServices } from './public-services.ts'
import type { SigningFlags } from './signing-flags.ts'

/** The services that sign and witness. */
export interface ChosenServices {
  readonly services: SigningServices
  /** Whether they are Sigstore's public ones, under which the built-in trust root verifies. */
  readonly arePublic: boolean
}

const largestConfig = 1024 * 1024

/**
 * The services of the flags. A service of one's own is not joined by public ones that were not asked for: they would
 * publish what is signed.
 *
 * @throws {UsageError} for flags that do not go together, or leave something that nobody could verify.
 */
export async function chosenServices(context: CliContext, flags: SigningFlags): Promise<ChosenServices> {
  refuseContradictions(flags)
  const { key, fulcioUrl, rekorUrl, timestampUrl = [], oidcIssuer, signingConfig } = flags
  const own = [fulcioUrl, rekorUrl].some((url) => url !== undefined)
  const base =
    signingConfig === undefined
      ? await publicServices(await usedTrust(trustFolders(context)))
      : await configOf(context, signingConfig)
  const withoutLog = isUnlogged(flags)
  const isPublicBase = signingConfig === undefined
  const authorities = isPublicBase && (own || withoutLog) ? [] : base.timestampAuthorities
  const services: SigningServices = {
    fulcio: fulcioUrl === undefined ? base.fulcio : readServiceUrl(fulcioUrl),
    oidcIssuer: oidcIssuer === undefined ? base.oidcIssuer : readServiceUrl(oidcIssuer),
    logs: withoutLog
      ? []
      : rekorUrl === undefined
        ? base.logs
        : [{ url: readServiceUrl(rekorUrl), apiVersion: 1 }],
    timestampAuthorities: timestampUrl.length === 0 ? authorities : timestampUrl.map(readServiceUrl),
  }
  if (key === undefined) refuseUnverifiable(services)
  if (flags.format === 'cosign-v2') refuseOlderFormat(services, key)
  return { services, arePublic: isPublicBase && !own && timestampUrl.length === 0 }
}

/** `--no-log`, or `--tlog-upload=false` as cosign has it. */
export function isUnlogged({ noLog, tlogUpload }: SigningFlags): boolean {
  return noLog === true || tlogUpload === false
}

function refuseContradictions(flags: SigningFlags): void {
  const { key, fulcioUrl, identityToken, oidcIssuer, rekorUrl, signingConfig, timestampUrl } = flags
  const given = Object.entries({
    '--fulcio-url': fulcioUrl,
    '--identity-token': identityToken,
    '--oidc-issuer': oidcIssuer,
  }).find(([, value]) => value !== undefined)
  if (key !== undefined && given !== undefined)
    throw new UsageError(
      `Cannot take ${given[0]} together with --key: who signs with a key needs no certificate`,
    )
  if (identityToken !== undefined && /^eyJ[\w-]+\./.test(identityToken))
    throw new UsageError('Cannot take a token on the command line: everybody on this machine can read it', {
      hint: '--identity-token FILE, or - for standard input',
    })
  const urls = { '--fulcio-url': fulcioUrl, '--rekor-url': rekorUrl, '--timestamp-url': timestampUrl?.[0] }
  const url = Object.entries(urls).find(([, value]) => value !== undefined)
  if (signingConfig !== undefined && url !== undefined)
    throw new UsageError(`Cannot take ${url[0]} together with --signing-config: both say which services`)
  if (isUnlogged(flags) && rekorUrl !== undefined)
    throw new UsageError('Cannot take --rekor-url together with --no-log')
  if (fulcioUrl !== undefined && rekorUrl === undefined && !isUnlogged(flags))
    throw new UsageError(
      "Cannot sign with an authority of one's own and Sigstore's public log: the log publishes who signs",
      { hint: 'Name your log, --rekor-url URL, or none: --no-log --timestamp-url URL' },
    )
}

function refuseUnverifiable({ fulcio, logs, timestampAuthorities }: SigningServices): void {
  if (fulcio === undefined)
    throw new UsageError('Cannot sign without --key: the signing config names no certificate authority')
  if (logs.length === 0 && timestampAuthorities.length === 0)
    throw new UsageError(
      'Cannot sign with a certificate that no log and no timestamp witnesses: it is good for minutes, and nobody could say when they were',
      { hint: '--timestamp-url URL, or sign with --key' },
    )
}

function refuseOlderFormat({ logs }: SigningServices, key: string | undefined): void {
  if (logs.some(({ apiVersion }) => apiVersion === 2))
    throw new UsageError(
      "Cannot write cosign's older format with a log of Rekor v2: it promises nothing to keep",
      {
        hint: 'Leave --format out, or name a log of Rekor v1: --rekor-url URL',
      },
    )
  if (key === undefined && logs.length === 0)
    throw new UsageError("Cannot write cosign's older format without a transparency log and without --key")
}

async function configOf(context: CliContext, name: string): Promise<SigningServices> {
  return readSigningConfig({ name, bytes: await readInput(context, name, largestConfig) })
}
