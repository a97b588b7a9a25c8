import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, startAnsweringServer } from '../../../../../test/fixtures/answering-server.ts'
import { identityTokenText } from '../../../../../test/fixtures/sigstore/identity-token.ts'
import { createTransport, type Transport } from '../../../../http/index.ts'
import { type LoginOptions, loginIdentityToken } from './login-identity-token.ts'
import { redirectRequest } from './redirect-request.ts'

interface Login {
  /** What the browser asks the program for; default: the code that belongs to the login. */
  readonly browse?: (
    page: URL,
    ask: (parameters: Readonly<Record<string, string>>) => Promise<number>,
  ) => Promise<void>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly configuration?: Readonly<Record<string, string>>
  readonly token?: Answer
  readonly options?: Partial<LoginOptions>
}

/** A person logs in at an issuer, which checks what OpenID Connect and PKCE ask of it. */
async function login({
  browse,
  claims = {},
  configuration = {},
  token,
  options = {},
}: Login): Promise<unknown> {
  const logins = new Map<string, URL>()
  await using issuer = await startAnsweringServer(({ path, body }) => {
    const name = new URL('/auth', issuer.url).href
    if (path === '/auth/.well-known/openid-configuration') {
      const endpoints = { authorization_endpoint: `${name}/login`, token_endpoint: `${name}/token` }
      return { body: JSON.stringify({ issuer: name, ...endpoints, ...configuration }) }
    }
    const form = new URLSearchParams(body.toString())
    const page = logins.get(form.get('code') ?? '')?.searchParams
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isRight =
      path === '/auth/token' &&
      page?.get('code_challenge') === challenge &&
      page.get('code_challenge_method') === 'S256' &&
      page.get('redirect_uri') === form.get('redirect_uri') &&
      form.get('client_id') === 'sigstore' &&
      form.get('grant_type') === 'authorization_code'
    if (!isRight) return { status: 400, body: '{"error":"invalid_grant"}' }
    const text = identityTokenText({
      iss: name,
      sub: 'CgV',
      email: 'me@example.com',
      nonce: page.get('nonce'),
      ...claims,
    })
    return token ?? { body: JSON.stringify({ id_token: text, access_token: 'x' }) }
  })
  const transport = createTransport({ tries: 1 })
  let browsed: Promise<void> | undefined
  const show = (page: URL): void => {
    logins.set('the-code', page)
    browsed = (browse ?? answerWithCode)(page, (parameters) => ask(transport, page, parameters))
  }
  try {
    const found = await loginIdentityToken({
      issuer: new URL('/auth', issuer.url),
      transport,
      show,
      ...options,
    })
    return found.principal
  } finally {
    await browsed
    await transport.close()
  }
}

async function answerWithCode(
  page: URL,
  asked: (parameters: Readonly<Record<string, string>>) => Promise<number>,
): Promise<void> {
  await asked({ code: 'the-code', state: page.searchParams.get('state') ?? '' })
}

async function answerWithError(
  page: URL,
  asked: (parameters: Readonly<Record<string, string>>) => Promise<number>,
): Promise<void> {
  const state = page.searchParams.get('state') ?? ''
  await asked({ error: 'access_denied', error_description: 'not\u0007you', state })
}

/** What the browser gets where the page sends it back to: at the address that the program listens at. */
async function ask(
  transport: Transport,
  page: URL,
  parameters: Readonly<Record<string, string>>,
): Promise<number> {
  const url = new URL(page.searchParams.get('redirect_uri') ?? '')
  url.hostname = '127.0.0.1'
  url.search = new URLSearchParams(parameters).toString()
  const response = await transport.request({ method: 'GET', url, headers: { connection: 'close' } })
  await response.discard()
  return response.status
}

describe('loginIdentityToken()', () => {
  test('gives the token of who logged in', async () => {
    await expect(login({})).resolves.toBe('me@example.com')
  })

  test('turns away what does not belong to the login, and goes on waiting', async () => {
    const statuses: number[] = []
    const browse: Login['browse'] = async (page, asked) => {
      statuses.push(await asked({ code: 'forged', state: 'x' }), await asked({ code: 'forged' }))
      await answerWithCode(page, asked)
    }
    await expect(login({ browse })).resolves.toBe('me@example.com')
    expect(statuses).toEqual([404, 404])
  })

  test('says why the issuer refuses', async () => {
    await expect(login({ browse: answerWithError })).rejects.toThrow(
      'Cannot log in: the issuer refuses: not you',
    )
  })

  test.each<[string, Login, RegExp]>([
    ['a token of another login', { claims: { nonce: 'another' } }, /the token answers another login/],
    [
      'a token of another issuer',
      { claims: { iss: 'https://elsewhere.example' } },
      /the token answers another login/,
    ],
    [
      'an issuer by another name',
      { configuration: { issuer: 'https://elsewhere.example' } },
      /calls itself by another name/,
    ],
    [
      'an issuer by a name that takes minutes to read',
      { configuration: { issuer: `https://elsewhere.example${'/'.repeat(250_000)}x` } },
      /cannot be read: issuer/,
    ],
    [
      'a login page without TLS',
      { configuration: { authorization_endpoint: 'http://elsewhere.example/' } },
      /neither https/,
    ],
    [
      'a token endpoint without TLS',
      { configuration: { token_endpoint: 'http://elsewhere.example/' } },
      /neither https/,
    ],
    [
      'a token endpoint that leads elsewhere',
      { token: { status: 307, headers: { location: '/x' } } },
      /is not followed/,
    ],
    ['an answer without a token', { token: { body: '{}' } }, /id_token is missing/],
  ])('refuses %s', async (_, given, reason) => {
    await expect(login(given)).rejects.toThrow(reason)
  })

  test('gives up on a person who does not come', async () => {
    await expect(login({ browse: () => Promise.resolve(), options: { timeLimit: 1 } })).rejects.toMatchObject(
      {
        code: 'IDENTITY_TOKEN',
      },
    )
  })

  test('stops when it is aborted', async () => {
    const controller = new AbortController()
    const reason = new Error('stop')
    const browse = (): Promise<void> => Promise.resolve(controller.abort(reason))
    await expect(login({ browse, options: { signal: controller.signal } })).rejects.toBe(reason)
  })
})

describe('redirectRequest()', () => {
  test('never takes a request without the state', () => {
    fc.assert(
      fc.property(fc.string(), fc.webQueryParameters(), (head, query) => {
        expect(redirectRequest(head, 'the-state').kind).toBe('other')
        expect(redirectRequest(`GET /auth/callback?${query} HTTP/1.1\r\n`, 'the-state').kind).toBe('other')
      }),
    )
  })
})
