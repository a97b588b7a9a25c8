/** What a request to the redirect's address is. */
export type RedirectRequest =
  | { readonly kind: 'code'; readonly code: string }
  /** The issuer's answer is an error (RFC 6749 section 4.1.2.1). */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not the answer to this login. */
  | { readonly kind: 'other' }

/**
 * Reads the head of an HTTP/1.1 request as the answer to a login.
 *
 * @param head at least its first line
 * @param state what the login's answer has to bring with it (RFC 6749 section 10.12)
 */
export function redirectRequest(head: string, state: string): RedirectRequest {
  const target = /^GET (\/\S*) HTTP\/1\.[01]\r\n/.exec(head)?.[1]
  const url = target === undefined ? null : URL.parse(target, 'http://localhost')
  if (url?.pathname !== '/auth/callback' || url.searchParams.get('state') !== state) return { kind: 'other' }
  const code = url.searchParams.get('code')
  if (code !== null && code !== '' && !url.searchParams.has('error')) return { kind: 'code', code }
  const said =
    url.searchParams.get('error_description') ?? url.searchParams.get('error') ?? 'it gives no code'
  return { kind: 'refused', reason: said.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 300) }
}
