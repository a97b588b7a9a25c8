import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setAt, valueAt } from '../../../test/fixtures/json-path.ts'
import { cosignAnnotations } from '../../../test/fixtures/sigstore/cosign-annotations.ts'
import type { FixtureBundle } from '../../../test/fixtures/sigstore/fixture-bundle.ts'
import { keyPair, publicPem } from '../../../test/fixtures/sigstore/key-pair.ts'
import {
  type SignOptions,
  sigstoreInstance,
  statementAbout,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { digestHex, digestOf } from '../../oci/index.ts'
import { proveEvidence } from '../prove-evidence.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import { cosignBundle } from './cosign-bundle.ts'
import { readJson } from './read-json.ts'

const instance = sigstoreInstance()
const trust = readTrustedRoots([{ name: 'own', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
const signer = githubSigner('me/app')
const subject = digestOf(Buffer.from('image'))
const signed = attestation()
const envelope = envelopeOf(signed)
const byAnother = attestation({ loggedSigner: publicPem(keyPair()) })

test('an attestation that was logged by its envelope is verified by the bytes of it', async () => {
  expect(await checkOf(signed, envelope)).toBe('verified')
})

test.each([
  ['of which the bytes are not at hand', signed, undefined, 'log-entry'],
  ['that is laid out in another way', signed, Buffer.from(`${envelope.toString()}\n`), 'log-entry'],
  ['with the entry of another attestation', withEntryOf(attestation()), envelope, 'log-entry'],
  ['with the promise about another entry', withPromiseOf(attestation()), envelope, 'log-inclusion'],
  [
    'of a log that is not believed',
    withEntryOf(attestation({}, sigstoreInstance())),
    envelope,
    'log-inclusion',
  ],
  ['that was logged as made by somebody else', byAnother, envelopeOf(byAnother), 'log-signer'],
] satisfies [string, FixtureBundle, Buffer | undefined, string][])(
  'and none %s',
  async (_, bundle, bytes, check) => {
    const own = check === 'log-signer' ? envelopeOf(bundle) : bytes
    expect(await checkOf(bundle, own)).toBe(check)
  },
)

test('no byte of the envelope can be another', async () => {
  const change = fc.record({ at: fc.nat(envelope.length - 1), by: fc.integer({ min: 0x20, max: 0x7e }) })
  await fc.assert(
    fc.asyncProperty(change, async ({ at, by }) => {
      const changed = Buffer.from(envelope)
      changed[at] = by
      expect((await checkOf(signed, changed)) === 'verified').toBe(changed.equals(envelope))
    }),
    { numRuns: 150 },
  )
})

function attestation(options: Partial<SignOptions> = {}, by = instance): FixtureBundle {
  const statement = statementAbout({ sha256: digestHex(subject) })
  return by.sign({ ...signer, content: { statement }, logged: 'intoto 0.0.1', ...options })
}

function envelopeOf({ dsseEnvelope }: FixtureBundle): Buffer {
  return Buffer.from(JSON.stringify(dsseEnvelope))
}

function withEntryOf(other: FixtureBundle): FixtureBundle {
  return withPart('verificationMaterial.tlogEntries', other)
}

function withPromiseOf(other: FixtureBundle): FixtureBundle {
  return withPart('verificationMaterial.tlogEntries.0.inclusionPromise', other)
}

function withPart(path: string, other: FixtureBundle): FixtureBundle {
  const bundle = structuredClone(signed)
  setAt(bundle, path, valueAt(other, path))
  return bundle
}

/** The first check that a layer of cosign's older attestations fails, which holds the bytes and is annotated as the bundle says. */
async function checkOf(source: FixtureBundle, bytes: Buffer | undefined): Promise<string> {
  const json = readJson(bytes ?? envelope)
  const bundle = cosignBundle(cosignAnnotations(instance, source), { kind: 'envelope', envelope: json })
  if (typeof bundle === 'string') return bundle
  const outcome = await proveEvidence(
    {
      place: { kind: 'file', path: 'f', line: 1 },
      subjects: [subject],
      content: { kind: 'bundle', bundle, ...(bytes === undefined ? {} : { envelope: bytes }) },
    },
    {
      kind: 'identity',
      identity: { exact: signer.identity },
      issuer: { exact: 'https://token.actions.githubusercontent.com' },
    },
    trust,
    {},
  )
  return 'verified' in outcome ? 'verified' : outcome.failure.check
}
