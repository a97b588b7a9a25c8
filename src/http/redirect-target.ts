import { redactUrl } from '../errors/index.ts'
import { HttpRefusedError } from './errors.ts'
import type { HttpRequest, HttpResponse } from './types.ts'

/** A request whose headers are complete, by lower-case names. */
export type PreparedRequest = HttpRequest & { readonly headers: Readonly<Record<string, string>> }

/** Headers that are meant for one origin only. */
const credentialHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie'])

/**
 * The request that a redirect asks for; undefined when the answer is none that may be followed: another
 * status, no `Location`, or 301, 302 and 303 to a method other than GET and HEAD (RFC 9110, section 15.4).
 * `Authorization` and `Cookie` are left out once the way has led to another origin, also when it leads back.
 *
 * @throws {HttpRefusedError} when the location is not an http or https URL.
 */
export function redirectTarget(
  request: PreparedRequest,
  response: Pick<HttpResponse, 'status' | 'header'>,
): PreparedRequest | undefined {
  const location = response.header('location')
  if (location === undefined || !mayFollow(response.status, request.method)) return undefined
  const url = URL.parse(location, request.url.href)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new HttpRefusedError(
      `Cannot follow the redirect from ${redactUrl(request.url)}: its location is not an http or https URL`,
    )
  }
  url.username = ''
  url.password = ''
  return { ...request, url, headers: headersFor(url, request) }
}

function mayFollow(status: number, method: HttpRequest['method']): boolean {
  if (status === 307 || status === 308) return true
  return (method === 'GET' || method === 'HEAD') && (status === 301 || status === 302 || status === 303)
}

function headersFor(url: URL, { url: from, headers }: PreparedRequest): Readonly<Record<string, string>> {
  if (url.origin === from.origin) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentialHeaders.has(name)))
}
