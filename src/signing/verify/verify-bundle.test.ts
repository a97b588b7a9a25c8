import { generateKeyPairSync } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { setAt, valueAt } from '../../../test/fixtures/json-path.ts'
import { keyPair, publicPem } from '../../../test/fixtures/sigstore/key-pair.ts'
import {
  exampleIdentity,
  exampleIssuer,
  exampleTime,
  type SignOptions,
  sigstoreInstance,
  statementAbout,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { der, oid, sequence, utf8 } from '../../../test/fixtures/sigstore/write-der.ts'
import { UsageError } from '../../errors/index.ts'
import { digestHex, digestOf } from '../../oci/index.ts'
import { ArtifactBytesNeededError, NotVerifiedError } from '../errors.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import type { TrustMaterial } from '../trust/trust-material.ts'
import type { Artifact, SignerPolicy, Verified } from '../types.ts'
import { verifyBundle } from './verify-bundle.ts'

const sigstore = sigstoreInstance()
const github = sigstoreInstance({ organization: 'GitHub, Inc.', logs: false })
const trust = trustIn('lading', sigstore.trustedRoot)
const bytes = Buffer.from('what is signed')
const digest = digestOf(bytes)
const byDigest: Artifact = { digests: [digest] }
const byBytes: Artifact = { open: () => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]) }
const statement = statementAbout({ sha256: digestHex(digest) })
const policy: SignerPolicy = {
  kind: 'identity',
  identity: { exact: exampleIdentity },
  issuer: { exact: exampleIssuer },
}

describe('verifyBundle() answers', () => {
  test('who signed, what, when, what proved it and whose trust it stands on', async () => {
    const bundle = sigstore.sign({
      content: { statement },
      time: 'both',
      extensions: (usual) => [
        ...usual,
        { oid: '1.3.6.1.4.1.57264.1.3', value: Buffer.from('abc') },
        { oid: '1.3.6.1.4.1.57264.1.12', value: utf8('https://github.com/lading/example') },
        { oid: '1.3.6.1.4.1.57264.1.21', value: utf8(`https://github.com/${'x'.repeat(200)}`) },
      ],
    })
    expect(await verifyBundle(bundle, byDigest, policy, trust)).toEqual({
      signer: {
        kind: 'certificate',
        identity: exampleIdentity,
        issuer: exampleIssuer,
        claims: {
          githubWorkflowSha: 'abc',
          sourceRepositoryUri: 'https://github.com/lading/example',
          runInvocationUri: `https://github.com/${'x'.repeat(200)}`,
        },
      },
      digest,
      statement: {
        type: 'https://in-toto.io/Statement/v1',
        subjects: [{ name: 'subject 0', digest: { sha256: digestHex(digest) } }],
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: { buildDefinition: {} },
      },
      times: [
        { at: exampleTime, by: 'log' },
        { at: exampleTime, by: 'timestamp-authority' },
      ],
      logEntries: [{ log: 'https://log.lading.example', index: '4711', kind: 'dsse 0.0.1' }],
      trustRoot: 'lading',
    })
  })

  test.each([
    ['bytes, logged by Rekor v1', { content: { bytes } }],
    ['bytes, logged by Rekor v2', { content: { bytes }, logged: 'hashedrekord 0.0.2', time: 'authority' }],
    ['a statement, logged as intoto', { content: { statement }, logged: 'intoto 0.0.2' }],
    ['a statement, logged by Rekor v2', { content: { statement }, logged: 'dsse 0.0.2', time: 'authority' }],
    [
      'a statement, logged by its digest',
      { content: { statement }, logged: 'hashedrekord 0.0.2', time: 'both' },
    ],
    ['a key of P-384, SHA-256', { content: { bytes }, leafKey: keyPair('P-384') }],
    [
      'a key of P-384, a statement, SHA-384',
      { content: { statement }, leafKey: keyPair('P-384'), hash: 'sha384' },
    ],
    ['a key of RSA', { content: { bytes }, leafKey: keyPair('rsa') }],
    ['a key of Ed25519, a statement', { content: { statement }, leafKey: keyPair('ed25519') }],
    ['an email address', { content: { bytes }, identity: 'me@lading.example' }],
  ] satisfies [string, SignOptions][])('yes to %s, by bytes and by digest', async (_, options) => {
    const whom: SignerPolicy = {
      kind: 'identity',
      identity: { exact: 'identity' in options ? options.identity : exampleIdentity },
      issuer: { exact: exampleIssuer },
    }
    const bundle = sigstore.sign(options)
    const answer = await verifyBundle(bundle, byDigest, whom, trust)
    expect(answer.digest).toBe(digest)
    expect(await verifyBundle(bundle, byBytes, whom, trust)).toEqual(answer)
  })

  test.each(['sha384', 'sha512'] as const)('yes to a %s signature when the bytes are there', async (hash) => {
    const bundle = sigstore.sign({ content: { bytes }, hash, leafKey: keyPair('P-384') })
    expect((await verifyBundle(bundle, byBytes, policy, trust)).digest).toBe(digest)
    expect(await failureOf(bundle, { artifact: byDigest })).toBe('message-digest')
  })

  test('the digest that was signed, where several are known', async () => {
    const sha512 = digestOf(bytes, 'sha512')
    const both: Artifact = { digests: [digest, sha512] }
    const bundle = sigstore.sign({ content: { bytes }, hash: 'sha512' })
    expect((await verifyBundle(bundle, both, policy, trust)).digest).toBe(sha512)
    const stated = sigstore.sign({ content: { statement: statementAbout({ sha512: digestHex(sha512) }) } })
    expect((await verifyBundle(stated, both, policy, trust)).digest).toBe(sha512)
    const torn = statementAbout({ sha256: digestHex(digest), sha512: '0'.repeat(128) })
    expect(await failureOf(sigstore.sign({ content: { statement: torn } }), { artifact: both })).toBe(
      'artifact',
    )
  })

  test('could not tell, when Ed25519 signed bytes and only a digest is known', async () => {
    const bundle = sigstore.sign({ content: { bytes }, leafKey: keyPair('ed25519') })
    await expect(verifyBundle(bundle, byDigest, policy, trust)).rejects.toThrow(ArtifactBytesNeededError)
    expect((await verifyBundle(bundle, byBytes, policy, trust)).digest).toBe(digest)
  })

  test("yes under GitHub's instance, which has no logs, by a timestamp", async () => {
    const both = trustIn('lading', sigstore.trustedRoot, github.trustedRoot)
    const answer = await verifyBundle(github.sign({ content: { statement } }), byDigest, policy, both)
    expect(answer).toMatchObject({ trustRoot: 'lading:2', logEntries: [] })
    expect(answer.times).toEqual([{ at: exampleTime, by: 'timestamp-authority' }])
  })

  test('no about a certificate of one root with the logs of another', async () => {
    const both = trustIn('lading', sigstore.trustedRoot, github.trustedRoot)
    const unlogged = sigstore.sign({ content: { bytes }, logged: 'not', time: 'authority' })
    expect(await failureOf(unlogged, { trust: both })).toBe('log-inclusion')
  })

  test('no about a public-good certificate whose root was robbed of its logs', async () => {
    const robbed = sigstoreInstance({ organization: 'sigstore.dev', logs: false })
    expect(
      await failureOf(robbed.sign({ content: { bytes } }), { trust: trustIn('robbed', robbed.trustedRoot) }),
    ).toBe('log-inclusion')
  })
})

describe('verifyBundle() says no to', () => {
  test.each([
    ['a statement about something else', { content: { statement: about('0'.repeat(64)) } }, 'artifact'],
    [
      'a subject that agrees in another algorithm alone',
      { content: { statement: statementAbout({ md5: digestHex(digest) }) } },
      'artifact',
    ],
    ['a statement without subjects', { content: { statement: statementAbout() } }, 'statement'],
    [
      'a statement with too many subjects',
      {
        content: {
          statement: statementAbout(...Array.from({ length: 1025 }, () => ({ sha256: digestHex(digest) }))),
        },
      },
      'statement',
    ],
    [
      'a subject with too many digests',
      {
        content: {
          statement: statementAbout({
            sha256: digestHex(digest),
            ...Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`x${index}`, '0'])),
          }),
        },
      },
      'statement',
    ],
    [
      'a statement of an unknown type',
      { content: { statement: { ...Object(statement), _type: 'https://in-toto.io/Statement/v2' } } },
      'statement',
    ],
    ['another payload type', { content: { statement, payloadType: 'application/json' } }, 'envelope'],
    [
      'the payload type of a signature by cosign',
      { content: { statement, payloadType: 'application/vnd.dev.cosign.simplesigning.v1+json' } },
      'envelope',
    ],
    ['a time that nobody proves', { content: { bytes }, time: 'nobody' }, 'time'],
    [
      'an entry of Rekor v2 without a timestamp',
      { content: { bytes }, logged: 'hashedrekord 0.0.2' },
      'time',
    ],
    [
      'a signature that is not logged',
      { content: { bytes }, logged: 'not', time: 'authority' },
      'log-inclusion',
    ],
    [
      'a certificate without a certificate timestamp',
      { content: { bytes }, withoutCertificateLog: true },
      'certificate-log',
    ],
    [
      'a certificate for servers',
      { content: { bytes }, extensions: replaced('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))) },
      'certificate-purpose',
    ],
    [
      'a certificate for everything',
      { content: { bytes }, extensions: without('2.5.29.37') },
      'certificate-purpose',
    ],
    [
      'a certificate without a key usage',
      { content: { bytes }, extensions: without('2.5.29.15') },
      'certificate-purpose',
    ],
    [
      'a certificate of an authority',
      {
        content: { bytes },
        extensions: (usual) => [...usual, { oid: '2.5.29.19', value: sequence(der(0x01, Buffer.of(0xff))) }],
      },
      'certificate-purpose',
    ],
    [
      'a critical extension that nobody knows',
      {
        content: { bytes },
        extensions: (usual) => [...usual, { oid: '1.2.3.4', critical: true, value: utf8('x') }],
      },
      'certificate-purpose',
    ],
    [
      'two subject alternative names',
      {
        content: { bytes },
        extensions: replaced(
          '2.5.29.17',
          sequence(der(0x86, Buffer.from(exampleIdentity)), der(0x86, Buffer.from('https://other.example/'))),
        ),
      },
      'certificate-purpose',
    ],
    [
      'a name with a control character',
      {
        content: { bytes },
        extensions: replaced('2.5.29.17', sequence(der(0x86, Buffer.from(`${exampleIdentity}\0`)))),
      },
      'certificate-purpose',
    ],
    [
      'two issuers',
      {
        content: { bytes },
        extensions: replaced('1.3.6.1.4.1.57264.1.1', Buffer.from('https://other.example')),
      },
      'certificate-purpose',
    ],
    [
      'an extension that stands there twice',
      { content: { bytes }, extensions: (usual) => [...usual, ...usual.slice(-1)] },
      'format',
    ],
    ['a key of P-521', { content: { bytes }, leafKey: keyPair('P-521') }, 'key'],
    ['an RSA key of 1,024 bits', { content: { bytes }, leafKey: keyPair('rsa1024') }, 'key'],
  ] satisfies [string, SignOptions, string][])('%s', async (_, options, check) => {
    expect(await failureOf(sigstore.sign(options))).toBe(check)
  })

  test.each(['hashedrekord 0.0.1', 'hashedrekord 0.0.2'] as const)(
    'an entry (%s) that was logged under another certificate',
    async (logged) => {
      const leafKey = keyPair()
      const [first, second] = [0, 1].map(() =>
        sigstore.sign({ content: { bytes }, leafKey, logged, time: 'both' }),
      )
      // The same key and content under two certificates: each entry is about its own.
      const mixed = structuredClone(first)
      setAt(mixed, 'verificationMaterial.certificate', valueAt(second, 'verificationMaterial.certificate'))
      expect(await failureOf(first)).toBe('verified')
      expect(await failureOf(mixed)).toBe('log-signer')
    },
  )

  test('an entry of a key that was logged under a certificate', async () => {
    const key = keyPair()
    const bundle = sigstore.sign({ content: { bytes }, key, loggedSigner: publicPem(keyPair()) })
    expect(await failureOf(bundle, { policy: { kind: 'key', publicKeyPem: publicPem(key) } })).toBe(
      'log-signer',
    )
  })

  test('the signed time of another entry', async () => {
    const [first, second] = [0, 1].map(() => sigstore.sign({ content: { bytes } }))
    const promise = 'verificationMaterial.tlogEntries.0.inclusionPromise'
    const mixed = structuredClone(first)
    setAt(mixed, promise, valueAt(second, promise))
    expect(await failureOf(mixed)).toBe('log-inclusion')
  })

  test('all of the log entry of another signature', async () => {
    const [first, second] = [0, 1].map(() => sigstore.sign({ content: { bytes }, time: 'authority' }))
    const mixed = structuredClone(first)
    setAt(mixed, 'verificationMaterial.tlogEntries', valueAt(second, 'verificationMaterial.tlogEntries'))
    expect(await failureOf(mixed)).toBe('log-entry')
  })

  test('the timestamp of another signature', async () => {
    const [first, second] = [0, 1].map(() => github.sign({ content: { bytes } }))
    const timestamps = 'verificationMaterial.timestampVerificationData'
    const mixed = structuredClone(first)
    setAt(mixed, timestamps, valueAt(second, timestamps))
    expect(await failureOf(mixed, { trust: trustIn('github', github.trustedRoot) })).toBe('time')
  })

  test.each([0, 2])('an envelope with %i signatures, whatever they are', async (count) => {
    const bundle = sigstore.sign({ content: { statement } })
    const signature = valueAt(bundle, 'dsseEnvelope.signatures.0')
    setAt(
      bundle,
      'dsseEnvelope.signatures',
      Array.from({ length: count }, () => signature),
    )
    expect(await failureOf(bundle)).toBe('envelope')
  })

  test('a bundle that holds bytes and a statement', async () => {
    const bundle = sigstore.sign({ content: { statement } })
    setAt(bundle, 'messageSignature', valueAt(sigstore.sign({ content: { bytes } }), 'messageSignature'))
    expect(await failureOf(bundle)).toBe('format')
  })

  test('a bundle that holds a certificate and the hint at a key', async () => {
    const bundle = sigstore.sign({ content: { bytes } })
    setAt(bundle, 'verificationMaterial.publicKey', { hint: '' })
    expect(await failureOf(bundle)).toBe('format')
  })

  test('an inclusion proof that names another tree than the checkpoint', async () => {
    const bundle = sigstore.sign({ content: { bytes } })
    setAt(bundle, 'verificationMaterial.tlogEntries.0.inclusionProof.treeSize', '3')
    expect(await failureOf(bundle)).toBe('log-proof')
  })

  test('a signature made when the log was not valid, also where the log tells no time', async () => {
    const root = structuredClone(sigstore.trustedRoot)
    setAt(root, 'tlogs.1.publicKey.validFor.end', new Date(exampleTime.getTime() - 1000).toISOString())
    const bundle = sigstore.sign({ content: { bytes }, logged: 'hashedrekord 0.0.2', time: 'authority' })
    expect(await failureOf(bundle, { trust: trustIn('ended', root) })).toBe('log-proof')
    setAt(root, 'tlogs.1.publicKey.validFor.end', exampleTime.toISOString())
    expect(await failureOf(bundle, { trust: trustIn('ending', root) })).toBe('verified')
  })

  test('a certificate of an authority that nobody knows, naming the roots that were asked', async () => {
    const stranger = sigstoreInstance({ organization: 'stranger.example' })
    const answer = verifyBundle(stranger.sign({ content: { bytes } }), byDigest, policy, trust)
    await expect(answer).rejects.toThrow(/no trust root \(lading\) knows/)
  })

  test('a certificate of an authority with the right name and another key', async () => {
    const impostor = sigstoreInstance()
    expect(await failureOf(impostor.sign({ content: { bytes } }))).toBe('certificate')
    expect(await failureOf(impostor.sign({ content: { bytes }, time: 'authority' }))).toBe('time')
  })

  test.each([null, 1, 'text', [], {}, { mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json' }])(
    '%j in place of a bundle',
    async (json) => {
      await expect(verifyBundle(json, byDigest, policy, trust)).rejects.toMatchObject({
        failure: { check: 'format' },
      })
    },
  )
})

describe('verifyBundle() with a policy of an identity', () => {
  test.each([
    ['the same with more behind it', { exact: `${exampleIdentity}-evil` }],
    ['the beginning', { exact: exampleIdentity.slice(0, -1) }],
    ['another case', { exact: exampleIdentity.toUpperCase() }],
    ['a pattern as an exact text', { exact: exampleIdentity.replace('main', '*') }],
    ['a pattern that is not anchored in front', { pattern: 'github.com/lading/*' }],
    ['a pattern that is not anchored behind', { pattern: 'https://github.com/lading/*@refs/heads' }],
    ['a pattern of the owner without its slash', { pattern: 'https://github.com/ladin/*' }],
    ['a pattern with a dot for any character', { pattern: exampleIdentity.replace('/lading', '.lading') }],
    ['a pattern of another case', { pattern: 'https://GitHub.com/lading/*' }],
    ['a regular expression', { pattern: '^https://.*$' }],
  ])('says no to %s', async (_, identity) => {
    const whom: SignerPolicy = { kind: 'identity', identity, issuer: { exact: exampleIssuer } }
    expect(await failureOf(sigstore.sign({ content: { bytes } }), { policy: whom })).toBe('identity')
  })

  test.each([
    ['https://github.com/lading/*'],
    ['*/release.yml@refs/heads/main'],
    ['https://github.com/lading/*/.github/workflows/*@refs/*'],
    [`${exampleIdentity}*`],
  ])('says yes to the pattern %s', async (pattern) => {
    const whom: SignerPolicy = { kind: 'identity', identity: { pattern }, issuer: { exact: exampleIssuer } }
    expect(await failureOf(sigstore.sign({ content: { bytes } }), { policy: whom })).toBe('verified')
  })

  test('says no to another issuer', async () => {
    const issuer = { exact: `${exampleIssuer}.evil.example` }
    const whom: SignerPolicy = { kind: 'identity', identity: { exact: exampleIdentity }, issuer }
    expect(await failureOf(sigstore.sign({ content: { bytes } }), { policy: whom })).toBe('issuer')
  })

  test.each([
    { exact: '' },
    { pattern: '' },
    { pattern: '*' },
    { pattern: '**' },
    { pattern: 'x'.repeat(5000) },
  ])('refuses the identity %j before anything is looked at', async (identity) => {
    const whom: SignerPolicy = { kind: 'identity', identity, issuer: { exact: exampleIssuer } }
    await expect(verifyBundle(null, byDigest, whom, trust)).rejects.toThrow(UsageError)
  })

  test('says no to a signature by a key', async () => {
    expect(await failureOf(sigstore.sign({ content: { bytes }, key: keyPair() }))).toBe('key')
  })
})

describe('verifyBundle() with a policy of a key', () => {
  test.each(['P-256', 'P-384', 'rsa'] as const)(
    'says yes to what %s signed and the log holds',
    async (kind) => {
      const key = keyPair(kind)
      const bundle = sigstore.sign({ content: { bytes }, key })
      const whom: SignerPolicy = { kind: 'key', publicKeyPem: publicPem(key) }
      const answer = await verifyBundle(bundle, byDigest, whom, trust)
      expect(answer.signer.kind).toBe('key')
      expect(answer.logEntries).toHaveLength(1)
      const other: SignerPolicy = { kind: 'key', publicKeyPem: publicPem(keyPair(kind)) }
      expect(await failureOf(bundle, { policy: other })).toBe('signature')
    },
  )

  test('says no to what no log holds, but where that is asked for', async () => {
    const key = keyPair()
    const bundle = sigstore.sign({ content: { statement }, key, logged: 'not', time: 'nobody' })
    const whom = { kind: 'key', publicKeyPem: publicPem(key) } as const
    expect(await failureOf(bundle, { policy: whom })).toBe('log-inclusion')
    const answer = await verifyBundle(bundle, byDigest, { ...whom, unlogged: true }, trust)
    expect(answer).toMatchObject({ times: [], logEntries: [] })
    expect(answer).not.toHaveProperty('trustRoot')
    expect(
      await failureOf(bundle, {
        policy: { kind: 'key', publicKeyPem: publicPem(keyPair()), unlogged: true },
      }),
    ).toBe('signature')
    expect(
      await failureOf(bundle, {
        policy: { ...whom, unlogged: true },
        artifact: { digests: [digestOf(Buffer.from('other'))] },
      }),
    ).toBe('artifact')
  })

  test('says no to a signature with a certificate', async () => {
    const whom: SignerPolicy = { kind: 'key', publicKeyPem: publicPem(keyPair()) }
    expect(await failureOf(sigstore.sign({ content: { bytes } }), { policy: whom })).toBe('key')
  })

  test.each([
    ['nothing', ''],
    [
      'a private key',
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ],
    ['two keys', publicPem(keyPair()) + publicPem(keyPair())],
    ['a weak key', publicPem(keyPair('rsa1024'))],
    ['a key for agreement', publicPem(generateKeyPairSync('x25519'))],
  ])('refuses %s', async (_, publicKeyPem) => {
    await expect(verifyBundle(null, byDigest, { kind: 'key', publicKeyPem }, trust)).rejects.toThrow(
      UsageError,
    )
  })
})

test('verifyBundle() passes on what reading the artifact throws, and why it was stopped', async () => {
  const bundle = sigstore.sign({ content: { bytes } })
  const broken: Artifact = { open: () => Promise.reject(new Error('no such file')) }
  await expect(verifyBundle(bundle, broken, policy, trust)).rejects.toThrow('no such file')
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(verifyBundle(bundle, byBytes, policy, trust, { signal })).rejects.toThrow('enough')
})

interface Asked {
  readonly artifact?: Artifact
  readonly policy?: SignerPolicy
  readonly trust?: TrustMaterial
}

/** The check that failed first, or `verified`. */
async function failureOf(bundle: unknown, asked: Asked = {}): Promise<string> {
  let answer: Verified
  try {
    answer = await verifyBundle(
      bundle,
      asked.artifact ?? byBytes,
      asked.policy ?? policy,
      asked.trust ?? trust,
    )
  } catch (error) {
    if (error instanceof NotVerifiedError) return error.failure.check
    throw error
  }
  return answer.digest === digest ? 'verified' : 'another digest'
}

function trustIn(name: string, ...roots: readonly unknown[]): TrustMaterial {
  const lines = roots.map((root) => JSON.stringify(root)).join('\n')
  return readTrustedRoots([{ name, bytes: Buffer.from(lines) }])
}

function about(sha256: string): unknown {
  return statementAbout({ sha256 })
}

function without(name: string): NonNullable<SignOptions['extensions']> {
  return (usual) => usual.filter((one) => one.oid !== name)
}

function replaced(name: string, value: Buffer): NonNullable<SignOptions['extensions']> {
  return (usual) => usual.map((one) => (one.oid === name ? { ...one, value } : one))
}
