/** What an `Authorization` header says. */
export type Authorization =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  /** There is a header, and nobody can be known by it. */
  | { readonly scheme: 'unusable' }

/**
 * Reads an `Authorization` header: Basic (RFC 7617, the text being UTF-8; the user ends at the first colon, so a
 * password may hold some) or Bearer (RFC 6750). Never throws.
 */
export function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined) return { scheme: 'none' }
  const [, scheme = '', value = ''] = /^([A-Za-z]{1,20}) +([\x21-\x7e]+) *$/.exec(header) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return parseBasic(value)
    case 'bearer':
      return tokenGrammar.test(value) ? { scheme: 'bearer', token: value } : unusable
    default:
      return unusable
  }
}

/** What a name and a password say that came in another way than the header. */
export function basicAuthorization(user: string, password: string): Authorization {
  return controlCharacter.test(user) || controlCharacter.test(password)
    ? unusable
    : { scheme: 'basic', user, password }
}

const unusable: Authorization = { scheme: 'unusable' }

/** `b64token` of RFC 6750 section 2.1. */
const tokenGrammar = /^[A-Za-z0-9\-._~+/]+=*$/

const base64Grammar = /^[A-Za-z0-9+/]+={0,2}$/

/** RFC 7617 section 2 forbids them; bcrypt would end at the first NUL. */
const controlCharacter = /[\x00-\x1f\x7f]/

function parseBasic(value: string): Authorization {
  const text = base64Grammar.test(value) ? decodeUtf8(Buffer.from(value, 'base64')) : undefined
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 0) return unusable
  return basicAuthorization(text.slice(0, colon), text.slice(colon + 1))
}

/** Made once: that takes longer than most texts. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
