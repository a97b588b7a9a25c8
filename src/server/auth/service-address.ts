import type { IncomingHttpHeaders } from 'node:http'
import { AccessConfigurationError } from './access-configuration-error.ts'

/** How the server is reached, as it says in challenges. */
export interface ServiceAddress {
  /** The host, with the port where it is not the usual one: the service that tokens are for. */
  readonly service: string
  /** Where tokens are to be had. */
  readonly realm: string
}

/** Options of {@link createServiceAddress}. */
export interface ServiceAddressOptions {
  /** Said in the place of what requests say. */
  readonly externalUrl?: string | undefined
  /** Whether this server speaks https itself. Default false. */
  readonly tls?: boolean | undefined
  /** Whether `X-Forwarded-Host` and `X-Forwarded-Proto` are believed. Default false. */
  readonly behindTlsProxy?: boolean | undefined
}

/** Tells from the headers of a request how its sender reached the server. */
export type AddressFor = (headers: IncomingHttpHeaders) => ServiceAddress

/**
 * Makes the function that tells from the headers of a request how its sender reached the server. A `Host` that is none
 * is read as `localhost`; the last of several `X-Forwarded-…` values is the nearest proxy's.
 *
 * @throws {AccessConfigurationError} when `externalUrl` is not an http or https URL, or has a path, a query or a user.
 */
export function createServiceAddress(options: ServiceAddressOptions): AddressFor {
  const { externalUrl, tls = false, behindTlsProxy = false } = options
  if (externalUrl !== undefined) {
    const fixed = addressOf(parseExternalUrl(externalUrl))
    return () => fixed
  }
  return (headers) => {
    const forwarded = behindTlsProxy ? lastValue(headers['x-forwarded-host']) : undefined
    const host = [forwarded, headers.host].find((text) => text !== undefined && hostGrammar.test(text))
    const scheme = behindTlsProxy ? (lastValue(headers['x-forwarded-proto']) ?? 'https') : undefined
    const secure = scheme === undefined ? tls : scheme.toLowerCase() !== 'http'
    const service = (host ?? 'localhost').toLowerCase()
    return { service, realm: `${secure ? 'https' : 'http'}://${service}/token` }
  }
}

/** A name, an IPv4 address or an IPv6 address in brackets, perhaps with a port. */
const hostGrammar = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/

function lastValue(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.at(-1) : header
  return text?.split(',').at(-1)?.trim()
}

function parseExternalUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw unusable('it is not an http or https URL')
  }
  // /v2/ and /token stand at the root of a host; a path would be left out without a word.
  if (url.href !== `${url.origin}/`) throw unusable('it has more than a scheme, a host and a port')
  return url
}

function unusable(reason: string): AccessConfigurationError {
  return new AccessConfigurationError(`Cannot use the external URL: ${reason}`, {
    hint: 'It is how clients reach the server: https://registry.example',
  })
}

function addressOf(url: URL): ServiceAddress {
  return { service: url.host, realm: `${url.origin}/token` }
}
