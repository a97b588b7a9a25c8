import { createLocalJWKSet, type CryptoKey, type JWSHeaderParameters, type LocalJWKSet } from 'jose'
import type { Logger } from 'pino'
import * as v from 'valibot'
import { LadingError } from '../../errors/index.ts'
import type { Transport } from '../../http/index.ts'
import { parseJson } from './parse-json.ts'
import { WorkInFlight } from './work-in-flight.ts'

/** The public keys of an outside issuer. */
export interface IssuerKeys {
  /**
   * The key that a token's header names.
   *
   * @throws {JOSEError} when the issuer has no such key.
   * @throws {IssuerUnavailableError} when its keys could not be had.
   */
  find(header: JWSHeaderParameters, signal?: AbortSignal): Promise<CryptoKey>
}

/** Options of {@link createIssuerKeys}. */
export interface IssuerKeysOptions {
  readonly transport: Transport
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly log?: Pick<Logger, 'warn'> | undefined
}

/** The keys of an outside issuer could not be had, so that nothing is known about its tokens. */
export class IssuerUnavailableError extends LadingError<'ISSUER_UNAVAILABLE'> {
  constructor(message: string, cause?: unknown) {
    super('ISSUER_UNAVAILABLE', message, { cause })
  }
}

/**
 * Fetches the keys of an issuer: its configuration by OpenID Connect Discovery 1.0 section 4, and the key set that this
 * names. Both are fetched again after an hour, and for a key id that is unknown, at most once a minute. While they cannot
 * be had, the ones before are used for a day.
 *
 * Nothing is fetched from where a token says. No redirect is followed, the documents are bounded, and the key set's host
 * is held to what the transport allows on behalf of the issuer.
 *
 * @param issuer As the configuration has it.
 */
export function createIssuerKeys(issuer: string, options: IssuerKeysOptions): IssuerKeys {
  const { transport, now, log } = options
  const fetches = new WorkInFlight<KeySet>()
  let latest: KeySet | undefined
  let failed: { readonly error: IssuerUnavailableError; readonly at: number } | undefined

  async function refresh(): Promise<KeySet> {
    try {
      const { keySet, kids } = await fetchKeySet(issuer, transport, AbortSignal.timeout(fetchTimeout))
      failed = undefined
      latest = { keySet, kids, fetchedAt: now() }
      return latest
    } catch (error) {
      const unavailable = new IssuerUnavailableError(
        `Cannot get the keys of ${issuer}: ${reasonOf(error)}`,
        error,
      )
      failed = { error: unavailable, at: now() }
      log?.warn({ issuer, err: unavailable }, 'the keys of an issuer could not be had')
      throw unavailable
    }
  }

  /** What is there in the place of what cannot be had. */
  async function refreshOrLatest(signal: AbortSignal | undefined): Promise<KeySet> {
    try {
      if (failed !== undefined && now() - failed.at < retryAfter) throw failed.error
      return await fetches.run('', refresh, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (latest !== undefined && now() - latest.fetchedAt < maxStaleAge) return latest
      throw error
    }
  }

  return {
    async find(header, signal) {
      const isFresh = latest !== undefined && now() - latest.fetchedAt < maxAge
      let keys = isFresh && latest !== undefined ? latest : await refreshOrLatest(signal)
      const isKnown = typeof header.kid === 'string' && keys.kids.has(header.kid)
      if (!isKnown && now() - keys.fetchedAt >= retryUnknownAfter) keys = await refreshOrLatest(signal)
      return keys.keySet(header)
    },
  }
}

interface KeySet {
  readonly keySet: LocalJWKSet
  readonly kids: ReadonlySet<string>
  readonly fetchedAt: number
}

const minute = 60_000
const maxAge = 60 * minute
const maxStaleAge = 24 * 60 * minute
const retryUnknownAfter = minute
const retryAfter = 10_000
const fetchTimeout = 10_000
const maxDocumentBytes = 512 * 1024

const configuration = v.object({ issuer: v.string(), jwks_uri: v.string() })

/** Keys without an id, and kinds that are unknown, are left out: a token names its key. */
const keySetDocument = v.object({
  keys: v.pipe(v.array(v.looseObject({ kty: v.string() })), v.maxLength(200)),
})

const signingKey = v.looseObject({ kid: v.string(), kty: v.picklist(['RSA', 'EC', 'OKP']) })

async function fetchKeySet(
  issuer: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<Pick<KeySet, 'keySet' | 'kids'>> {
  const issuerUrl = new URL(issuer)
  const discovery = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const config = await fetchDocument(configuration, discovery)
  // Section 4.3: it must be the very issuer that was asked for.
  if (config.issuer !== issuer) throw new Error('its configuration names another issuer')
  const keysUrl = URL.parse(config.jwks_uri)
  if (keysUrl === null || (keysUrl.protocol !== 'https:' && keysUrl.protocol !== issuerUrl.protocol)) {
    throw new Error('the URL of its keys is not https')
  }
  const { keys } = await fetchDocument(keySetDocument, keysUrl)
  const usable = keys.filter((key) => v.is(signingKey, key))
  return { keySet: createLocalJWKSet({ keys: usable }), kids: new Set(usable.map(({ kid }) => kid)) }

  async function fetchDocument<Schema extends v.GenericSchema>(
    schema: Schema,
    url: URL,
  ): Promise<v.InferOutput<Schema>> {
    const response = await transport.request({
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      redirect: 'manual',
      onBehalfOf: issuerUrl,
      signal,
    })
    try {
      if (response.status !== 200) throw new Error(`${url.origin} answered ${response.status}`)
      const parsed = v.safeParse(schema, parseJson(await response.bytes(maxDocumentBytes)))
      if (!parsed.success) throw new Error(`${url.origin} sent no document of the kind`)
      return parsed.output
    } finally {
      await response.discard()
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'an unknown error'
}
