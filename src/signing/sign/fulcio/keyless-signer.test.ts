import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { type Answer, startAnsweringServer } from '../../../../test/fixtures/answering-server.ts'
import {
  certificate,
  distinguishedName,
  signingExtensions,
} from '../../../../test/fixtures/sigstore/certificate.ts'
import { identityTokenText } from '../../../../test/fixtures/sigstore/identity-token.ts'
import { keyPair } from '../../../../test/fixtures/sigstore/key-pair.ts'
import { createTransport } from '../../../http/index.ts'
import { IdentityToken } from '../identity/identity-token.ts'
import { writePem } from '../keys/pem-block.ts'
import type { BundleSigner } from '../types.ts'
import { keylessSigner } from './keyless-signer.ts'

const authority = keyPair()
const name = distinguishedName({ commonName: 'authority' })
const start = new Date('2026-03-04T05:00:00Z')
const minute = 60_000
const subject = 'https://github.com/org/app/.github/workflows/release.yml@refs/heads/main'
const bytes = Buffer.from('what is signed')

const requestSchema = v.object({
  credentials: v.object({ oidcIdentityToken: v.string() }),
  publicKeyRequest: v.object({
    publicKey: v.object({ algorithm: v.literal('ECDSA'), content: v.string() }),
    proofOfPossession: v.string(),
  }),
})

/** A certificate for ten minutes. */
function issue(publicKey: KeyObject, at: Date, issuer = 'https://issuer.example'): Buffer {
  return certificate({
    subject: distinguishedName({}),
    issuer: name,
    key: { publicKey, privateKey: authority.privateKey },
    signedBy: authority,
    from: at,
    to: new Date(at.getTime() + 10 * minute),
    extensions: signingExtensions(subject, issuer),
  })
}

function answerOf(...certificates: readonly Buffer[]): Answer {
  const chain = { certificates: certificates.map((one) => writePem('CERTIFICATE', one)) }
  return { status: 201, body: JSON.stringify({ signedCertificateEmbeddedSct: { chain } }) }
}

interface Scene {
  readonly answer?: ((publicKey: KeyObject, at: Date) => Answer) | undefined
  readonly claims?: Readonly<Record<string, unknown>>
  readonly use?: (signer: BundleSigner, clock: { at: Date }) => Promise<void>
}

/** Signs at an authority that checks the proof of possession, and gives the principals that were proved. */
async function scene({ answer, claims = {}, use }: Scene): Promise<readonly string[]> {
  const clock = { at: start }
  const text = identityTokenText({ iss: 'https://issuer.example', sub: 'repo:org/app', ...claims })
  const asked: string[] = []
  const principal = new IdentityToken(text).principal
  await using server = await startAnsweringServer(({ path, body, headers }) => {
    const { credentials, publicKeyRequest } = v.parse(requestSchema, JSON.parse(body.toString()))
    const publicKey = createPublicKey(publicKeyRequest.publicKey.content)
    const proof = Buffer.from(publicKeyRequest.proofOfPossession, 'base64')
    const isRight =
      path === '/fulcio/api/v2/signingCert' &&
      credentials.oidcIdentityToken === text &&
      headers.authorization === undefined &&
      verify('sha256', Buffer.from(principal), publicKey, proof)
    if (!isRight) return { status: 400, body: '{"message":"wrong"}' }
    asked.push(principal)
    return (
      answer?.(publicKey, clock.at) ?? answerOf(issue(publicKey, clock.at), issue(authority.publicKey, start))
    )
  })
  const transport = createTransport({ tries: 1 })
  try {
    const signer = await keylessSigner({
      fulcio: new URL('/fulcio/', server.url),
      token: () => Promise.resolve(new IdentityToken(text)),
      transport,
      now: () => clock.at,
    })
    await use?.(signer, clock)
    return asked
  } finally {
    await transport.close()
  }
}

async function signature(signer: BundleSigner): Promise<Buffer> {
  const { signature: made, material } = await signer.sign(bytes)
  if (material.kind !== 'certificate') throw new Error('there is no certificate')
  const leaf = Buffer.from(material.certificate)
  expect(verify('sha256', bytes, new X509Certificate(leaf).publicKey, made)).toBe(true)
  expect(material.chain).toHaveLength(1)
  return leaf
}

describe('keylessSigner()', () => {
  test('signs many times with one certificate, and says whose it is', async () => {
    const asked = await scene({
      async use(signer) {
        expect(signer.display).toBe(`${subject} (https://issuer.example)`)
        const [one, other] = [await signature(signer), await signature(signer)]
        expect(one.equals(other)).toBe(true)
      },
    })
    expect(asked).toEqual(['repo:org/app'])
  })

  test('proves possession over the address of a person', async () => {
    await expect(scene({ claims: { email: 'me@example.com' } })).resolves.toEqual(['me@example.com'])
  })

  test('asks for one new certificate when the last is running out, whoever signs', async () => {
    const asked = await scene({
      async use(signer, clock) {
        const before = await signature(signer)
        clock.at = new Date(start.getTime() + 9.5 * minute)
        const [one, other] = await Promise.all([signature(signer), signature(signer)])
        expect(one.equals(before)).toBe(false)
        expect(one.equals(other)).toBe(true)
      },
    })
    expect(asked).toHaveLength(2)
  })

  test('who gives up while a new certificate is on its way leaves it to the others', async () => {
    const reason = new Error('stop')
    const asked = await scene({
      async use(signer, clock) {
        clock.at = new Date(start.getTime() + 9.5 * minute)
        const controller = new AbortController()
        const stopped = signer.sign(bytes, { signal: controller.signal })
        const other = signature(signer)
        controller.abort(reason)
        await expect(stopped).rejects.toBe(reason)
        await expect(other).resolves.toBeInstanceOf(Buffer)
      },
    })
    expect(asked).toHaveLength(2)
  })

  test('asks for nothing with a token that has expired', async () => {
    await expect(scene({ claims: { exp: start.getTime() / 1000 - 1 } })).rejects.toMatchObject({
      code: 'IDENTITY_TOKEN',
    })
  })

  test.each<[string, Scene['answer'], RegExp]>([
    [
      'a certificate for another key',
      (_, at) => answerOf(issue(authority.publicKey, at)),
      /is for another key/,
    ],
    [
      'a certificate of yesterday',
      (key) => answerOf(issue(key, new Date(start.getTime() - 24 * 60 * minute))),
      /and not now/,
    ],
    [
      'a certificate of tomorrow',
      (key) => answerOf(issue(key, new Date(start.getTime() + 24 * 60 * minute))),
      /and not now/,
    ],
    [
      'a certificate that is not for signing',
      (publicKey) =>
        answerOf(
          certificate({
            subject: distinguishedName({}),
            issuer: name,
            key: { publicKey, privateKey: authority.privateKey },
            signedBy: authority,
            from: start,
            to: new Date(start.getTime() + minute),
            extensions: signingExtensions(subject, 'x').filter(({ oid }) => oid !== '2.5.29.37'),
          }),
        ),
      /is not for signing: its extended key usage/,
    ],
    [
      'no certificate',
      () => ({ status: 201, body: '{"signedCertificateEmbeddedSct":{"chain":{"certificates":["x"]}}}' }),
      /holds no certificate/,
    ],
    ['DER that is none', () => answerOf(Buffer.from('hello')), /the certificate cannot be read/],
    [
      'a detached timestamp',
      () => ({ status: 201, body: '{"signedCertificateDetachedSct":{}}' }),
      /is missing/,
    ],
    [
      'a refusal',
      () => ({ status: 400, body: '{"code":3,"message":"There was an error"}' }),
      /status 400: There was an error/,
    ],
    [
      'an answer that repeats the token',
      () => ({ status: 400, body: '{"message":"bad eyJhbGci.x.y"}' }),
      /status 400$/,
    ],
    ['a long answer', () => ({ status: 201, body: 'x'.repeat(300_000) }), /more than 262144 bytes/],
  ])('refuses %s', async (_, answer, reason) => {
    await expect(scene({ answer })).rejects.toThrow(reason)
  })
})
