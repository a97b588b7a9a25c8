import { createHash, sign } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { certificateTimestamp } from '../../../test/fixtures/sigstore/certificate-log.ts'
import {
  authorityExtensions,
  certificate,
  distinguishedName,
  signingExtensions,
  timestampExtensions,
} from '../../../test/fixtures/sigstore/certificate.ts'
import { type KeyPair, keyPair, spki } from '../../../test/fixtures/sigstore/key-pair.ts'
import { timestampResponse } from '../../../test/fixtures/sigstore/timestamp.ts'
import { logEntry } from '../../../test/fixtures/sigstore/transparency-log.ts'
import { parseDigest } from '../../oci/index.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import { verifyBundle } from '../verify/verify-bundle.ts'
import { writePem } from './keys/pem-block.ts'
import { signBundle } from './sign-bundle.ts'
import { signedBytes } from './signed-bytes.ts'
import { inTotoStatement } from './statement.ts'
import type { BundleSigner, LogWitness, MadeSignature, SignedContent, TimestampWitness } from './types.ts'
import { writeDerInteger } from './write-der.ts'

const at = new Date('2026-03-04T05:06:07Z')
const digest = parseDigest(`sha256:${'a'.repeat(64)}`)
const identity = 'https://github.com/org/app/.github/workflows/release.yml@refs/heads/main'
const issuer = 'https://token.actions.githubusercontent.com'
const statement: SignedContent = {
  kind: 'statement',
  payload: inTotoStatement({
    subjects: [{ name: 'app', digest }],
    predicateType: 'https://example.com/v1',
    predicate: {},
  }),
}
const message: SignedContent = { kind: 'message', bytes: Buffer.from('bytes') }

const keys = {
  authority: keyPair(),
  certificates: keyPair(),
  log: keyPair(),
  timeRoot: keyPair(),
  time: keyPair(),
}
const life = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2040-01-01T00:00:00Z') }
const validFor = { start: life.from.toISOString() }
const authorityName = distinguishedName({ organization: 'authority.example' })
const timeName = distinguishedName({ organization: 'time.example' })

const root = certificate({
  subject: authorityName,
  issuer: authorityName,
  key: keys.authority,
  signedBy: keys.authority,
  ...life,
  extensions: authorityExtensions(),
})
const timeRoot = certificate({
  subject: timeName,
  issuer: timeName,
  key: keys.timeRoot,
  signedBy: keys.timeRoot,
  ...life,
  extensions: authorityExtensions(),
})
const timeCertificate = certificate({
  subject: distinguishedName({ organization: 'time.example', commonName: 'clock' }),
  issuer: timeName,
  key: keys.time,
  signedBy: keys.timeRoot,
  ...life,
  extensions: timestampExtensions(),
})
const trust = readTrustedRoots([{ name: 'test', bytes: Buffer.from(JSON.stringify(trustedRoot())) }])

function trustedRoot(): object {
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [trustedLog(keys.log)],
    ctlogs: [trustedLog(keys.certificates)],
    certificateAuthorities: [trustedChain(root)],
    timestampAuthorities: [trustedChain(timeCertificate, timeRoot)],
  }
}

function trustedLog(key: KeyPair): object {
  return {
    baseUrl: 'https://log.example',
    publicKey: { rawBytes: spki(key).toString('base64'), validFor },
    logId: { keyId: createHash('sha256').update(spki(key)).digest('base64') },
  }
}

function trustedChain(...certificates: readonly Buffer[]): object {
  return {
    certChain: { certificates: certificates.map((one) => ({ rawBytes: one.toString('base64') })) },
    validFor,
  }
}

/** A signer whose certificate is of the authority. */
function certified({ by = keys.authority, until = 10 } = {}): BundleSigner {
  const key = keyPair()
  const leaf = certificate({
    subject: distinguishedName({}),
    issuer: authorityName,
    key,
    signedBy: by,
    from: new Date(at.getTime() - 60_000),
    to: new Date(at.getTime() + until * 60_000),
    extensions: signingExtensions(identity, issuer),
    log: (issuerKeyHash, toBeSigned) =>
      certificateTimestamp(keys.certificates, at, issuerKeyHash, toBeSigned),
  })
  return {
    display: identity,
    sign: (bytes) =>
      Promise.resolve({
        signature: sign('sha256', bytes, key.privateKey),
        hash: 'sha256',
        material: { kind: 'certificate', certificate: leaf, chain: [root] },
      }),
  }
}

/** What Rekor makes of what it is given, before any network. */
function log(version: 1 | 2, change: (content: SignedContent) => SignedContent = (same) => same): LogWitness {
  return {
    url: 'https://log.example',
    witness(given, made) {
      const content = change(given)
      const { kind, spec } = version === 1 ? specOf1(content, made) : specOf2(content, made)
      const apiVersion = `0.0.${version}`
      const body = Buffer.from(JSON.stringify({ apiVersion, kind, spec }))
      const place = { key: keys.log, host: 'log.example', at, promise: version === 1 }
      return Promise.resolve(logEntry(place, { kind, version: apiVersion, body }))
    },
  }
}

interface Spec {
  readonly kind: string
  readonly spec: object
}

function specOf1(content: SignedContent, { signature, material }: MadeSignature): Spec {
  if (material.kind === 'key') throw new Error('it is not certified')
  const verifier = Buffer.from(writePem('CERTIFICATE', material.certificate)).toString('base64')
  const sig = Buffer.from(signature).toString('base64')
  if (content.kind === 'message') {
    const hash = { algorithm: 'sha256', value: hexDigest(content.bytes) }
    return {
      kind: 'hashedrekord',
      spec: { data: { hash }, signature: { content: sig, publicKey: { content: verifier } } },
    }
  }
  const payloadHash = { algorithm: 'sha256', value: hexDigest(content.payload) }
  return { kind: 'dsse', spec: { payloadHash, signatures: [{ signature: sig, verifier }] } }
}

function hexDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function specOf2(content: SignedContent, { signature, material }: MadeSignature): Spec {
  if (material.kind === 'key') throw new Error('it is not certified')
  const rawBytes = Buffer.from(material.certificate).toString('base64')
  const data = {
    algorithm: 'SHA2_256',
    digest: createHash('sha256').update(signedBytes(content)).digest('base64'),
  }
  const verifier = { keyDetails: 'PKIX_ECDSA_P256_SHA_256', x509Certificate: { rawBytes } }
  const signed = { content: Buffer.from(signature).toString('base64'), verifier }
  return { kind: 'hashedrekord', spec: { hashedRekordV002: { data, signature: signed } } }
}

function clock(when = at, over: (signature: Uint8Array) => Uint8Array = (same) => same): TimestampWitness {
  // The certificate's serial number is 8 bytes behind its version.
  const start = timeCertificate.indexOf(Buffer.from('a0030201020208', 'hex')) + 5
  const serial = timeCertificate.subarray(start, start + 10)
  return {
    url: 'https://time.example',
    timestamp: (signature) =>
      Promise.resolve(
        timestampResponse({ key: keys.time, issuer: timeName, serial }, Buffer.from(over(signature)), when, {
          nonce: writeDerInteger(Buffer.of(7)),
        }),
      ),
  }
}

const policy = { kind: 'identity', identity: { exact: identity }, issuer: { exact: issuer } } as const

describe.each<[string, SignedContent]>([
  ['a statement', statement],
  ['bytes', message],
])('signBundle() over %s, under a trust root', (_, content) => {
  const artifact =
    content.kind === 'message' ? { open: () => Readable.from([content.bytes]) } : { digests: [digest] }

  test.each([
    ['a log of version 1', [log(1)], [], ['log']],
    ['a log of version 1 and an authority of time', [log(1)], [clock()], ['log', 'timestamp-authority']],
    ['a log of version 2 and an authority of time', [log(2)], [clock()], ['timestamp-authority']],
    ['both logs', [log(1), log(2)], [clock()], ['log', 'timestamp-authority']],
  ])('verifies with %s', async (__, logs, timestampAuthorities, times) => {
    const bundle: unknown = await signBundle(content, certified(), { logs, timestampAuthorities }, { trust })
    const asRead: unknown = JSON.parse(JSON.stringify(bundle))
    const verified = await verifyBundle(asRead, artifact, policy, trust)
    expect(verified.times.map(({ by }) => by).toSorted()).toEqual(times)
    expect(verified.logEntries).toHaveLength(logs.length)
  })

  test.each<[string, BundleSigner, readonly LogWitness[], readonly TimestampWitness[], string]>([
    ['a certificate of a stranger', certified({ by: keyPair() }), [log(1)], [], 'certificate'],
    [
      'a certificate that had run out',
      certified({ until: 0.5 }),
      [log(1)],
      [clock(new Date(at.getTime() + 60_000))],
      'certificate',
    ],
    ['no log', certified(), [], [clock()], 'log-inclusion'],
    ['no time', certified(), [log(2)], [], 'time'],
    ['a timestamp over something else', certified(), [log(1)], [clock(at, () => Buffer.from('x'))], 'time'],
    [
      'an entry about something else',
      certified(),
      [
        log(1, (given) =>
          given.kind === 'message'
            ? { kind: 'message', bytes: Buffer.from('x') }
            : { kind: 'statement', payload: Buffer.from('{}') },
        ),
      ],
      [],
      'log-entry',
    ],
  ])('gives nothing with %s', async (__, signer, logs, timestampAuthorities, check) => {
    await expect(
      signBundle(content, signer, { logs, timestampAuthorities }, { trust }),
    ).rejects.toMatchObject({ code: 'NOT_VERIFIED', failure: { check } })
  })
})
