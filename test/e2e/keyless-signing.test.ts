import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport, type Transport } from '../../src/http/index.ts'
import { digestOf } from '../../src/oci/index.ts'
import {
  IdentityToken,
  inTotoStatement,
  keylessSigner,
  readSigningConfig,
  readTrustedRoots,
  signBundle,
  type SignedContent,
  type SignerPolicy,
  type TrustMaterial,
  verifyBundle,
  witnessesOf,
} from '../../src/signing/index.ts'
import { type OidcIssuer, startOidcIssuer } from '../fixtures/oidc-issuer.ts'
import { type SigstoreServers, startSigstoreServers } from '../fixtures/sigstore-servers/sigstore-servers.ts'

const bytes = Buffer.from('what is signed')
const digest = digestOf(bytes)
const message: SignedContent = { kind: 'message', bytes }
const statement: SignedContent = {
  kind: 'statement',
  payload: inTotoStatement({
    subjects: [{ name: 'image', digest }],
    predicateType: 'https://example.com/predicate',
    predicate: { a: 1 },
  }),
}

let issuer: OidcIssuer
let servers: SigstoreServers
let transport: Transport
let trust: TrustMaterial

beforeAll(async () => {
  issuer = await startOidcIssuer(Date.now)
  servers = await startSigstoreServers({ issuers: [issuer.url] })
  transport = createTransport({ tries: 1 })
  trust = readTrustedRoots([{ name: 'own', bytes: Buffer.from(JSON.stringify(servers.trustedRoot)) }])
})

afterAll(async () => {
  await transport.close()
  await servers[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})

test.each([
  ['bytes', message, 1, 'hashedrekord 0.0.1'],
  ['bytes', message, 2, 'hashedrekord 0.0.2'],
  ['a statement', statement, 1, 'dsse 0.0.1'],
  ['a statement', statement, 2, 'hashedrekord 0.0.2'],
] as const)(
  '$0, signed by an identity with Rekor v$2, verify as its own alone',
  async (_, content, rekor, kind) => {
    const bundle = await signAs(await personToken(), content, rekor)
    const artifact = { digests: [digest] }
    await expect(verifyBundle(bundle, artifact, person('me@example.com'), trust)).resolves.toMatchObject({
      signer: { identity: 'me@example.com', issuer: issuer.url },
      logEntries: [{ kind }],
    })
    await expect(verifyBundle(bundle, artifact, person('me@example.co'), trust)).rejects.toMatchObject({
      failure: { check: 'identity' },
    })
  },
)

test('the same signature logged twice is one entry', async () => {
  const signer = await signerAs(await personToken())
  const witnesses = witnessesOf(services(1), transport)
  const made = await signer.sign(bytes)
  const [first, second] = [
    await witnesses.logs[0]?.witness(message, made),
    await witnesses.logs[0]?.witness(message, made),
  ]
  expect(second).toMatchObject({
    logIndex: Reflect.get(Object(first), 'logIndex') as unknown,
    canonicalizedBody: Reflect.get(Object(first), 'canonicalizedBody') as unknown,
  })
})

test.each([
  ['for somebody else', { aud: 'elsewhere' }],
  ['that has expired', { exp: 1 }],
  ['of an address that nobody verified', { email: 'me@example.com', email_verified: false }],
  ['about no URI', { sub: 'me' }],
])('a token %s gets no certificate', async (_, claims) => {
  await expect(issuer.token({ aud: 'sigstore', ...claims }).then(signerAs)).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:IDENTITY_TOKEN|SIGNING_SERVICE)$/) as unknown,
  })
})

test('a token of an issuer that the authority does not know gets no certificate', async () => {
  await using stranger = await startOidcIssuer(Date.now)
  await expect(stranger.token({ aud: 'sigstore' }).then(signerAs)).rejects.toThrow('is not configured')
})

async function signAs(token: string, content: SignedContent, rekor: 1 | 2): Promise<unknown> {
  return signBundle(content, await signerAs(token), witnessesOf(services(rekor), transport), { trust })
}

function signerAs(token: string): ReturnType<typeof keylessSigner> {
  return keylessSigner({
    fulcio: servers.fulcio,
    token: async () => new IdentityToken(token),
    transport,
  })
}

function services(rekor: 1 | 2): ReturnType<typeof readSigningConfig> {
  return readSigningConfig({
    name: 'own',
    bytes: Buffer.from(JSON.stringify(servers.signingConfig(rekor))),
  })
}

function personToken(): Promise<string> {
  return issuer.token({ aud: 'sigstore', sub: 'CgVtZQ', email: 'me@example.com', email_verified: true })
}

function person(identity: string): SignerPolicy {
  return { kind: 'identity', identity: { exact: identity }, issuer: { exact: issuer.url } }
}
