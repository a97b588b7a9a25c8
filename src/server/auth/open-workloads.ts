import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { asFileError } from '../../files/index.ts'
import { createTransport, isLoopbackAddress, type Transport } from '../../http/index.ts'
import type { TrustedIssuer } from '../server-options.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import type { Permissions } from './permissions.ts'
import { createWorkloadTokens, type WorkloadTokens } from './workload-tokens.ts'

/** The outside issuers of a configuration, and the connections to those with authorities of their own. */
export interface Workloads extends WorkloadTokens {
  close(): Promise<void>
}

/** Options of {@link openWorkloads}. */
export interface WorkloadsOptions {
  readonly permissions: Permissions
  /** Fetches the documents of issuers that need no authorities of their own. */
  readonly transport?: Transport | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly log?: Pick<Logger, 'warn'> | undefined
}

/**
 * Sets outside issuers up; nothing is fetched before the first token.
 *
 * @throws {AccessConfigurationError} for a URL that is not https (http: on this machine only), has a query or a
 * fragment, or is there twice.
 * @throws {FileError} when a file of authorities cannot be read.
 */
export async function openWorkloads(
  issuers: readonly TrustedIssuer[],
  options: WorkloadsOptions,
): Promise<Workloads> {
  const { permissions, now, log } = options
  checkIssuers(issuers)
  const own: Transport[] = []
  const keep = (transport: Transport): Transport => {
    own.push(transport)
    return transport
  }
  const shared = options.transport ?? keep(createTransport())
  const tokens = createWorkloadTokens(
    await Promise.all(
      issuers.map(async ({ url, audience, caFile }) => {
        const transport = caFile === undefined ? shared : keep(await transportWith(caFile))
        return {
          url,
          audience,
          keys: createIssuerKeys(url, { transport, now, log }),
          claims: permissions.claimsOf(url),
        }
      }),
    ),
    { now },
  )
  return {
    ...tokens,
    async close() {
      await Promise.all(own.map((transport) => transport.close()))
    },
  }
}

function checkIssuers(issuers: readonly TrustedIssuer[]): void {
  const urls = new Set<string>()
  for (const { url, audience } of issuers) {
    const parsed = URL.parse(url)
    const isHttps = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isOnThisMachine(parsed))
    if (
      !isHttps ||
      parsed.search !== '' ||
      parsed.hash !== '' ||
      parsed.username !== '' ||
      parsed.password !== ''
    ) {
      throw new AccessConfigurationError(
        `Cannot trust the issuer ${JSON.stringify(url)}: it is not a plain https URL`,
      )
    }
    if (urls.has(url)) throw new AccessConfigurationError(`Cannot trust the issuer ${url}: it is there twice`)
    if (audience === '')
      throw new AccessConfigurationError(`Cannot trust the issuer ${url}: it has no audience`)
    urls.add(url)
  }
}

function isOnThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || isLoopbackAddress(hostname.replace(/^\[|\]$/g, ''))
}

async function transportWith(caFile: string): Promise<Transport> {
  const pem = await readFile(caFile, 'utf8').catch((error: unknown) => {
    throw asFileError(`read ${caFile}`, error)
  })
  // TLS would take a file of anything else for no authorities, and say so only when the first token comes.
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AccessConfigurationError(`Cannot use ${caFile}: there is no PEM certificate in it`)
  }
  return createTransport({ host: async () => ({ ca: [pem] }) })
}
