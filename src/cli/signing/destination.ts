import { UsageError } from '../../errors/index.ts'
import type { FileLocation, Location, RegistryLocation } from '../../images/index.ts'
import type { CliContext } from '../context.ts'
import { githubApi } from '../github-api.ts'
import { signatureRepository } from '../signature-repository.ts'
import { githubRepository } from '../verification/github-names.ts'
import { refuseToReplace } from './refuse-to-replace.ts'
import type { SigningFlags } from './signing-flags.ts'

/** Where signatures go. */
export type Destination =
  | {
      readonly kind: 'place'
      readonly location: RegistryLocation | FileLocation
      readonly format: 'bundle' | 'cosign-v2'
    }
  | {
      readonly kind: 'github'
      readonly api: URL
      readonly token: string
      /** `OWNER/NAME`. */
      readonly repository: string
      /** As `https://github.com`. */
      readonly server: string
    }
  | { readonly kind: 'file'; readonly path: string }

/**
 * Where the flags want signatures to go; the image's own place by default.
 *
 * @throws {UsageError} for flags that do not go together, and for places that keep no signatures.
 */
export function destinationOf(context: CliContext, flags: SigningFlags, location: Location): Destination {
  const { bundleOut, format = 'bundle', json, repository, to } = flags
  const others = { '--repository': repository, '--to': to, '--format': flags.format }
  const other = Object.entries(others).find(([, value]) => value !== undefined)
  if (bundleOut !== undefined) {
    if (other !== undefined)
      throw new UsageError(`Cannot take ${other[0]} together with --bundle-out: that stores nothing`)
    if (bundleOut === '-' && (json === true || flags.quiet === true))
      throw new UsageError(
        'Cannot write the bundle and an answer to standard output: give --bundle-out a file',
      )
    const { identityToken, key, signingConfig, trustedRoot = [] } = flags
    refuseToReplace(bundleOut, [identityToken, key, signingConfig, ...trustedRoot])
    return { kind: 'file', path: bundleOut }
  }
  if (to === 'github') return atGithub(context, flags)
  return { kind: 'place', location: placeOf(context, repository, location), format }
}

function placeOf(
  context: CliContext,
  repository: string | undefined,
  location: Location,
): RegistryLocation | FileLocation {
  const other = signatureRepository(context, repository, location)
  if (other !== undefined) return other
  if (location.kind === 'registry' || location.kind === 'oci') return location
  throw new UsageError(
    `Cannot store signatures in ${location.text}: registries and layouts (oci:DIR) keep them`,
    { hint: '--repository NAME, or --bundle-out FILE' },
  )
}

function atGithub(context: CliContext, { format, key, repository }: SigningFlags): Destination {
  if (repository !== undefined || format !== undefined)
    throw new UsageError(
      `Cannot take ${repository === undefined ? '--format' : '--repository'} together with --to github: nothing is stored in a registry`,
    )
  if (key !== undefined)
    throw new UsageError('Cannot take --key together with --to github: what is verified there are workflows')
  const { environment } = context
  const { api, token } = githubApi(context)
  const name = environment['GITHUB_REPOSITORY'] ?? ''
  if (token === undefined || !githubRepository.test(name))
    throw new UsageError('Cannot store at GitHub: GITHUB_TOKEN and GITHUB_REPOSITORY are not set', {
      hint: 'In a job with the permission "attestations: write" give the step: env: GITHUB_TOKEN: ${{ github.token }}',
    })
  return { kind: 'github', api, token, repository: name, server: githubServer(environment) }
}

/** As a workflow knows it. */
export function githubServer(environment: CliContext['environment']): string {
  const server = environment['GITHUB_SERVER_URL'] ?? ''
  return server === '' ? 'https://github.com' : server.replace(/\/+$/, '')
}
