import { beforeAll, describe, expect, test } from 'vitest'
import type { FixtureBundle } from '../../test/fixtures/sigstore/fixture-bundle.ts'
import { keyPair } from '../../test/fixtures/sigstore/key-pair.ts'
import { githubSigner } from '../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../test/fixtures/sigstore/sigstore-instance.ts'
import { digestOf } from '../oci/index.ts'
import type { Evidence } from './evidence/evidence.ts'
import { readTrustedRoots } from './trust/read-trusted-roots.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import { type EvidenceVerdict, type ImageCriteria, verifyEvidence } from './verify-evidence.ts'

const bytes = Buffer.from('{"the":"index"}')
const index = digestOf(bytes)
const platform = digestOf(Buffer.from('the platform'))
const instance = sigstoreInstance()
const signer = githubSigner('me/app')
const criteria: ImageCriteria = {
  signer: {
    kind: 'identity',
    identity: { exact: signer.identity },
    issuer: { exact: 'https://token.actions.githubusercontent.com' },
  },
}

describe('verifyEvidence()', () => {
  let trust: TrustMaterial

  beforeAll(() => {
    trust = trustIn(instance.trustedRoot)
  })

  test('stops at the first that fulfils the criteria, and tells of those before', async () => {
    const good = evidence(instance.attest(signer, { subjects: [index] }))
    const bad = evidence({})
    const verdict = await verify([bad, good, bad])
    expect(verdict.satisfied).toMatchObject({ evidence: good, subject: index })
    expect(verdict.rejected).toMatchObject([{ evidence: bad, failure: { check: 'format' } }])
  })

  test('says no where there is nothing', async () => {
    expect(await verify([])).toEqual({ satisfied: undefined, rejected: [] })
  })

  test('finds which of the subjects evidence is about', async () => {
    const about = evidence(instance.attest(signer, { subjects: [platform] }), [index, platform])
    expect((await verify([about])).satisfied?.subject).toBe(platform)
  })

  test("takes a signature over the bytes of the second subject's manifest", async () => {
    const over = evidence(instance.sign({ ...signer, content: { bytes: Buffer.from('the platform') } }), [
      index,
      platform,
    ])
    const verdict = await verify([over])
    expect(verdict).toMatchObject({ satisfied: { subject: platform }, rejected: [] })
  })

  test('takes a signature over the bytes of a manifest', async () => {
    const over = evidence(instance.sign({ ...signer, content: { bytes } }))
    expect((await verify([over])).satisfied?.subject).toBe(index)
    const manifests = new Map([[index, bytes]])
    const verdict = await verifyEvidence([over], criteria, trust, { manifests })
    expect(verdict.satisfied?.subject).toBe(index)
  })

  test('takes no signature over other bytes', async () => {
    const over = evidence(instance.sign({ ...signer, content: { bytes: Buffer.from('other bytes') } }))
    const manifests = new Map([[index, bytes]])
    const verdict = await verifyEvidence([over], criteria, trust, { manifests })
    expect(verdict.rejected).toMatchObject([{ failure: { check: 'message-digest' } }])
  })

  test.each([
    ['https://slsa.dev/provenance/v1', true],
    ['https://slsa.dev/provenance/v0.2', true],
    ['https://sigstore.dev/cosign/sign/v1', true],
    ['https://spdx.dev/Document', false],
    ['https://cosign.sigstore.dev/attestation/vuln/v1', false],
  ])('where no predicate type is asked for, %s is enough: %s', async (predicateType, isEnough) => {
    const attested = evidence(instance.attest(signer, { subjects: [index], predicateType }))
    const { satisfied, rejected } = await verify([attested])
    expect(satisfied !== undefined).toBe(isEnough)
    expect(rejected.map(({ failure }) => failure.check)).toEqual(isEnough ? [] : ['predicate-type'])
    const asked = await verifyEvidence([attested], { ...criteria, predicateType }, trust)
    expect(asked.satisfied).toBeDefined()
  })

  test('a signature that states nothing is no attestation of a type', async () => {
    const over = evidence(instance.sign({ ...signer, content: { bytes } }))
    const asked = { ...criteria, predicateType: 'https://slsa.dev/provenance/v1' }
    const { rejected } = await verifyEvidence([over], asked, trust)
    expect(rejected).toMatchObject([{ failure: { check: 'predicate-type' } }])
  })

  test('believes no other instance, however its authority is called', async () => {
    const other = sigstoreInstance()
    const attested = evidence(other.attest(signer, { subjects: [index] }))
    expect((await verify([attested])).satisfied).toBeUndefined()
    expect((await verifyEvidence([attested], criteria, trustIn(other.trustedRoot))).satisfied).toBeDefined()
  })

  test('takes no key where an identity is asked for', async () => {
    const keyed = evidence(instance.attest({ key: keyPair() }, { subjects: [index] }))
    expect((await verify([keyed])).rejected).toMatchObject([{ failure: { check: 'key' } }])
  })

  test('what is unreadable is rejected by its reason', async () => {
    const unreadable: Evidence = { ...evidence({}), content: { kind: 'unreadable', reason: 'it is torn' } }
    expect((await verify([unreadable])).rejected).toMatchObject([
      { failure: { check: 'unreadable', message: 'it is torn' } },
    ])
  })

  test('ends with the reason of its signal', async () => {
    const reason = new Error('enough')
    const verdict = verifyEvidence([evidence({})], criteria, trust, { signal: AbortSignal.abort(reason) })
    await expect(verdict).rejects.toBe(reason)
  })

  function verify(all: readonly Evidence[]): Promise<EvidenceVerdict> {
    return verifyEvidence(all, criteria, trust)
  }
})

function trustIn(trustedRoot: unknown): TrustMaterial {
  return readTrustedRoots([{ name: 'test', bytes: Buffer.from(JSON.stringify(trustedRoot)) }])
}

function evidence(bundle: FixtureBundle | object, subjects = [index]): Evidence {
  return { place: { kind: 'file', path: 'f', line: 1 }, subjects, content: { kind: 'bundle', bundle } }
}
