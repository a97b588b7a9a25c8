const secretParameter =
  /^(?:(?:x-amz-|x-goog-|x-ms-)?(?:signature|credential|security-token)|sig|token|access_token|refresh_token|password|api_key|key|secret|code|policy|key-pair-id|hmac|verify|jwt|auth|authorization|sas|client_secret)$/i

/**
 * The text of a URL as it may be shown: user information is dropped and the values of query
 * parameters that carry secrets (signed storage URLs, tokens) read `REDACTED`.
 */
export function redactUrl(url: URL | string): string {
  let shown: URL
  try {
    shown = new URL(url)
  } catch {
    return '<not a URL>'
  }
  shown.username = ''
  shown.password = ''
  for (const name of new Set(shown.searchParams.keys())) {
    if (secretParameter.test(name)) shown.searchParams.set(name, 'REDACTED')
  }
  return shown.href
}
