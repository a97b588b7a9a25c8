import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityTokenText } from '../../../../test/fixtures/sigstore/identity-token.ts'
import { IdentityTokenError } from '../errors.ts'
import { IdentityToken } from './identity-token.ts'

const claims = { iss: 'https://issuer.example', sub: 'repo:org/app', exp: 1_800_000_000, aud: 'sigstore' }

describe('IdentityToken', () => {
  test('says who issued it, whom it is about and when it ends', () => {
    const token = new IdentityToken(identityTokenText(claims))
    expect(token).toMatchObject({ issuer: claims.iss, subject: claims.sub, principal: claims.sub })
    expect(token.expires).toEqual(new Date(1_800_000_000_000))
  })

  test('proves possession by the address where it has one', () => {
    expect(new IdentityToken(identityTokenText({ ...claims, email: 'me@example.com' })).principal).toBe(
      'me@example.com',
    )
    expect(new IdentityToken(identityTokenText({ ...claims, email: '' })).principal).toBe(claims.sub)
  })

  test('shows its text nowhere', () => {
    const text = identityTokenText(claims)
    const token = new IdentityToken(text)
    for (const shown of [inspect(token, { depth: 9, showHidden: true }), JSON.stringify(token)])
      expect(shown).not.toContain(text.slice(-40))
    expect(IdentityToken.textOf(token)).toBe(text)
  })

  test.each([
    ['nothing', ''],
    ['two parts', 'eyJhIjoxfQ.eyJhIjoxfQ'],
    ['no JSON', 'eyJhIjoxfQ.!!!.AAAA'],
    ['no claims', 'eyJhIjoxfQ.eyJhIjoxfQ.AAAA'],
    ['no issuer', identityTokenText({ sub: 'me' })],
    ['an issuer that is no text', identityTokenText({ ...claims, iss: 1 })],
    ['too much', `${'A'.repeat(70_000)}.AAAA.AAAA`],
  ])('refuses %s, and does not repeat it', (_, text) => {
    const problem = attempt(text)
    expect(problem).toBeInstanceOf(IdentityTokenError)
    expect(inspect(problem)).not.toContain(text.slice(0, 60) || 'nothing was given')
  })

  test('reads any claims, or says that it does not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        const encoded = Buffer.from(JSON.stringify(payload)).toString('base64url')
        const result = attempt(`AAAA.${encoded}.AAAA`)
        expect(result instanceof IdentityToken || result instanceof IdentityTokenError).toBe(true)
      }),
    )
  })
})

function attempt(text: string): unknown {
  try {
    return new IdentityToken(text)
  } catch (error) {
    return error
  }
}
