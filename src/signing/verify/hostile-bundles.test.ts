import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathsIn, setAt, valueAt } from '../../../test/fixtures/json-path.ts'
import {
  exampleIdentity,
  exampleIssuer,
  sigstoreInstance,
  statementAbout,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { sequence } from '../../../test/fixtures/sigstore/write-der.ts'
import { digestHex, digestOf } from '../../oci/index.ts'
import { certificateSigner } from '../bundle/certificate-signer.ts'
import { readCertificate } from '../bundle/read-certificate.ts'
import { DerError, derChildren, objectIdentifier, readDer } from '../bundle/read-der.ts'
import { readStatement } from '../bundle/read-statement.ts'
import { NotVerifiedError } from '../errors.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import type { SignerPolicy } from '../types.ts'
import { verifyBundle } from './verify-bundle.ts'

const instance = sigstoreInstance()
const trust = readTrustedRoots([{ name: 'own', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
const digest = digestOf(Buffer.from('x'))
const policy: SignerPolicy = {
  kind: 'identity',
  identity: { exact: exampleIdentity },
  issuer: { exact: exampleIssuer },
}
const valid = instance.sign({
  content: { statement: statementAbout({ sha256: digestHex(digest) }) },
  time: 'both',
})
const paths = pathsIn(valid)
const leaf = Buffer.from(String(valueAt(valid, 'verificationMaterial.certificate.rawBytes')), 'base64')

test('whatever JSON stands in a bundle, the answer is no and nothing else is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
      const bundle: unknown = structuredClone(valid)
      setAt(bundle, path, value)
      expect(await answerTo(bundle)).toMatch(/^(?:no|verified)$/)
    }),
    { numRuns: 150 },
  )
})

test('whatever bytes stand for base64 in a bundle, the answer is no', async () => {
  const binary = paths.filter((path) =>
    /rawBytes|signedTimestamp|sig$|payload$|Body|Timestamp$|hashes\.0/.test(path),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...binary.filter((path) => typeof valueAt(valid, path) === 'string')),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      async (path, bytes) => {
        const bundle: unknown = structuredClone(valid)
        setAt(bundle, path, Buffer.from(bytes).toString('base64'))
        expect(await answerTo(bundle)).toBe('no')
      },
    ),
    { numRuns: 150 },
  )
})

test('a certificate with any part cut out or overwritten is refused or read, and never a crash', () => {
  fc.assert(
    fc.property(
      fc.nat(leaf.length - 1),
      fc.nat(40),
      fc.uint8Array({ maxLength: 40 }),
      (start, length, bytes) => {
        const changed = Buffer.concat([leaf.subarray(0, start), bytes, leaf.subarray(start + length)])
        const outcome = outcomeOf(() => certificateSigner(readCertificate(changed)), NotVerifiedError)
        expect(outcome).toMatch(/^(?:read|refused)$/)
      },
    ),
    { numRuns: 1000 },
  )
})

test('any bytes are DER or are refused as such', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const given = Buffer.from(bytes)
      const outcome = outcomeOf(() => {
        const value = readDer(given)
        derChildren(value)
        objectIdentifier(value)
      }, DerError)
      expect(outcome).toMatch(/^(?:read|refused)$/)
    }),
    { numRuns: 2000 },
  )
})

test('any bytes are a statement or are refused as such', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (payload) => {
        expect(() => readStatement(payload)).toThrow(NotVerifiedError)
      },
    ),
  )
})

test.each([
  ['nested deeper than a stack', nested(12_000)],
  ['with a length beyond its end', Buffer.from('3084ffffffff', 'hex')],
  ['of an indefinite length', Buffer.from('30800000', 'hex')],
  ['that is empty but for its tag', Buffer.of(0x30)],
])('a certificate %s is refused', async (_, bytes) => {
  const bundle: unknown = structuredClone(valid)
  setAt(bundle, 'verificationMaterial.certificate.rawBytes', bytes.toString('base64'))
  expect(await answerTo(bundle)).toBe('no')
  const stamped: unknown = structuredClone(valid)
  setAt(
    stamped,
    'verificationMaterial.timestampVerificationData.rfc3161Timestamps.0.signedTimestamp',
    bytes.toString('base64'),
  )
  expect(await answerTo(stamped)).toBe('no')
})

test.each([
  [
    'a checkpoint of 16 megabytes',
    'verificationMaterial.tlogEntries.0.inclusionProof.checkpoint.envelope',
    'x'.repeat(1 << 24),
  ],
  [
    'a checkpoint of dashes',
    'verificationMaterial.tlogEntries.0.inclusionProof.checkpoint.envelope',
    `x\n2\ny\n\n${'\u2014 '.repeat(8000)}`,
  ],
  [
    'an index of a million digits',
    'verificationMaterial.tlogEntries.0.inclusionProof.logIndex',
    '9'.repeat(1 << 20),
  ],
  [
    'a size of a million digits',
    'verificationMaterial.tlogEntries.0.inclusionProof.checkpoint.envelope',
    `x\n${'9'.repeat(10_000)}\ny\n\n`,
  ],
  ['ten thousand entries', 'verificationMaterial.tlogEntries', Array.from({ length: 10_000 }, () => ({}))],
  [
    'ten thousand hashes',
    'verificationMaterial.tlogEntries.0.inclusionProof.hashes',
    Array.from({ length: 10_000 }, () => 'AAAA'),
  ],
  [
    'a body nested deeper than a stack',
    'verificationMaterial.tlogEntries.0.canonicalizedBody',
    Buffer.from('['.repeat(200_000) + ']'.repeat(200_000)).toString('base64'),
  ],
  ['a prototype', '__proto__', { mediaType: 'x' }],
])('%s is answered at once', async (_, path, value) => {
  const bundle: unknown = structuredClone(valid)
  setAt(bundle, path, value)
  expect(await answerTo(bundle)).toMatch(/^(?:no|verified)$/)
})

async function answerTo(bundle: unknown): Promise<'verified' | 'no'> {
  try {
    await verifyBundle(bundle, { digests: [digest] }, policy, trust)
    return 'verified'
  } catch (error) {
    if (error instanceof NotVerifiedError) return 'no'
    throw error
  }
}

/** Whether something was read or refused by the error that says so; any other error is thrown. */
function outcomeOf(
  read: () => unknown,
  refusal: typeof NotVerifiedError | typeof DerError,
): 'read' | 'refused' {
  try {
    read()
    return 'read'
  } catch (error) {
    if (error instanceof refusal) return 'refused'
    throw error
  }
}

function nested(levels: number): Buffer {
  let value: Buffer = Buffer.alloc(0)
  for (let level = 0; level < levels && value.length < 30_000; level++) value = sequence(value)
  return value
}
