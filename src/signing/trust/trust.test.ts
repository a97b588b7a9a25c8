import { describe, expect, test } from 'vitest'
import { setAt, valueAt } from '../../../test/fixtures/json-path.ts'
import { certificate, distinguishedName } from '../../../test/fixtures/sigstore/certificate.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { der, oid, sequence } from '../../../test/fixtures/sigstore/write-der.ts'
import { InvalidTrustRootError } from '../errors.ts'
import { builtInSeeds } from './built-in-seeds.ts'
import { builtInTrust } from './built-in-trust.ts'
import { readTrustedRoots } from './read-trusted-roots.ts'
import { TrustMaterial } from './trust-material.ts'

const { trustedRoot } = sigstoreInstance()

describe('builtInTrust()', () => {
  // When this fails, @sigstore/tuf has moved seeds.json, or Sigstore has new keys: read what changed, and say so.
  test('is the public-good root of the version of @sigstore/tuf that is installed', async () => {
    const trust = await builtInTrust()
    expect(trust.names).toEqual(['sigstore public-good'])
    const [root] = TrustMaterial.roots(trust)
    expect(root).toMatchObject({ certificateLogs: 1, logs: 1 })
    expect(
      root?.engine.tlogs.map(({ baseURL, validFor }) => [baseURL, validFor.start.toISOString()]),
    ).toEqual([
      ['https://rekor.sigstore.dev', '2021-01-12T11:53:27.000Z'],
      ['https://log2025-1.rekor.sigstore.dev', '2025-09-23T00:00:00.000Z'],
    ])
    expect(root?.engine.ctlogs.map(({ baseURL }) => baseURL)).toEqual([
      'https://ctfe.sigstore.dev/test',
      'https://ctfe.sigstore.dev/2022',
    ])
    expect(root?.engine.certificateAuthorities).toHaveLength(2)
    expect(root?.engine.timestampAuthorities).toHaveLength(1)
  })
})

describe('readTrustedRoots()', () => {
  test('reads one document, or one on each line, and several files', () => {
    const line = JSON.stringify(trustedRoot)
    const trust = readTrustedRoots([
      { name: 'one', bytes: Buffer.from(JSON.stringify(trustedRoot, null, 2)) },
      { name: 'lines', bytes: Buffer.from(`${line}\n\n${line}\n`) },
    ])
    expect(trust.names).toEqual(['one', 'lines:1', 'lines:2'])
  })

  test.each([
    ['nothing', ''],
    ['blanks', ' \n '],
    ['what is not JSON', '{'],
    ['a line that is not JSON', `${JSON.stringify(trustedRoot)}\n{`],
    ['what is not UTF-8', Buffer.of(0xff, 0xfe)],
    ['too many lines', Array.from({ length: 33 }, () => '{}').join('\n')],
    ['a list', '[]'],
  ])('refuses %s', (_, content) => {
    expect(() => readTrustedRoots([{ name: 'x', bytes: Buffer.from(content) }])).toThrow(
      InvalidTrustRootError,
    )
  })

  test.each([
    [
      'another media type',
      'mediaType',
      'application/json',
      'mediaType is not that of a Sigstore trusted root',
    ],
    [
      'a log without a start',
      'tlogs.0.publicKey.validFor.start',
      undefined,
      'tlogs.0.publicKey.validFor.start is missing',
    ],
    [
      'a certificate log without a start',
      'ctlogs.0.publicKey.validFor',
      {},
      'ctlogs.0.publicKey.validFor.start is missing',
    ],
    [
      'an authority without a start',
      'certificateAuthorities.0.validFor',
      undefined,
      'certificateAuthorities.0.validFor is missing',
    ],
    ['a time that is none', 'tlogs.0.publicKey.validFor.start', '2026-13-45T00:00:00Z', 'is not a time'],
    ['a key that is none', 'tlogs.0.publicKey.rawBytes', 'MAA=', 'a key or certificate in it cannot be read'],
    [
      'a certificate that is none',
      'certificateAuthorities.0.certChain.certificates.0.rawBytes',
      'MAA=',
      'a key or certificate in it cannot be read',
    ],
    ['what is not base64', 'tlogs.0.logId.keyId', 'A', 'tlogs.0.logId.keyId is not base64'],
    ['an empty chain', 'timestampAuthorities.0.certChain.certificates', [], 'is empty'],
    [
      'too many logs',
      'tlogs',
      Array.from({ length: 65 }, () => valueAt(trustedRoot, 'tlogs.0')),
      'tlogs has more than 64',
    ],
  ])('refuses %s, and says what', (_, path, value, reason) => {
    const root: unknown = JSON.parse(JSON.stringify(trustedRoot))
    setAt(root, path, value)
    expect(() => readTrustedRoots([{ name: 'x', bytes: Buffer.from(JSON.stringify(root)) }])).toThrow(reason)
  })

  test('refuses a root by which no time can be proved', () => {
    const root = JSON.stringify({ ...trustedRoot, tlogs: [], timestampAuthorities: [] })
    expect(() => readTrustedRoots([{ name: 'x', bytes: Buffer.from(root) }])).toThrow('neither')
  })
})

test('@sigstore/tuf carries the public-good instance where and as it did', async () => {
  const { root, trustedRoot: bytes } = await builtInSeeds()
  expect(JSON.parse(Buffer.from(root).toString())).toMatchObject({ signed: { _type: 'root' } })
  expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  })
})

test.each([
  ['no purpose', []],
  ['another purpose', [{ oid: '2.5.29.37', critical: true, value: sequence(oid('1.3.6.1.5.5.7.3.3')) }]],
  ['a purpose that may be passed over', [{ oid: '2.5.29.37', value: sequence(oid('1.3.6.1.5.5.7.3.8')) }]],
  [
    'two purposes',
    [
      {
        oid: '2.5.29.37',
        critical: true,
        value: sequence(oid('1.3.6.1.5.5.7.3.8'), oid('1.3.6.1.5.5.7.3.3')),
      },
    ],
  ],
])('refuses a root whose certificate for timestamps has %s', (_what, purposes) => {
  const key = keyPair()
  const name = distinguishedName({ organization: 'lading.example', commonName: 'time' })
  const life = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2040-01-01T00:00:00Z') }
  const usage = { oid: '2.5.29.15', critical: true, value: der(0x03, Buffer.of(7, 0x80)) }
  const leaf = certificate({
    subject: name,
    issuer: name,
    key,
    signedBy: key,
    ...life,
    extensions: [usage, ...purposes],
  })
  const certChain = { certificates: [{ rawBytes: leaf.toString('base64') }] }
  const authority = { certChain, validFor: { start: life.from.toISOString() } }
  const root = JSON.stringify({ ...trustedRoot, timestampAuthorities: [authority] })
  expect(() => readTrustedRoots([{ name: 'x', bytes: Buffer.from(root) }])).toThrow('not for timestamps')
})
