import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FixtureBundle } from '../../test/fixtures/sigstore/fixture-bundle.ts'
import { keyPair } from '../../test/fixtures/sigstore/key-pair.ts'
import { type FixtureSigner, githubSigner } from '../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance, type FixtureStatement } from '../../test/fixtures/sigstore/sigstore-instance.ts'
import { UsageError } from '../errors/index.ts'
import { digestOf, parseReference } from '../oci/index.ts'
import type { Evidence } from './evidence/evidence.ts'
import { type ImageVerdict, judgeImage, type JudgeRequest } from './judge-image.ts'
import { parseImagePattern } from './policy/image-pattern.ts'
import type { AcceptedSigner, SignedRule, TrustRule } from './policy/trust-rules.ts'
import { readTrustedRoots } from './trust/read-trusted-roots.ts'
import type { TrustMaterial } from './trust/trust-material.ts'

const image = digestOf(Buffer.from('image'))
const instance = sigstoreInstance()
const provenance = 'https://slsa.dev/provenance/v1'
const spdx = 'https://spdx.dev/Document'
const cosign = 'https://sigstore.dev/cosign/sign/v1'

const workflow = githubSigner('me/app', { ref: 'refs/tags/v1' })
const person = { identity: 'me@example.com', issuer: 'https://accounts.example' }
const key = keyPair()

const byGithub: AcceptedSigner = {
  name: 'GitHub me/app',
  policy: {
    kind: 'identity',
    identity: { pattern: 'https://github.com/*' },
    issuer: { exact: 'https://token.actions.githubusercontent.com' },
  },
  github: { owner: 'me', repository: 'app' },
}
const byPerson: AcceptedSigner = {
  name: 'me@example.com',
  policy: { kind: 'identity', identity: { exact: person.identity }, issuer: { exact: person.issuer } },
}
const byKey: AcceptedSigner = {
  name: 'the key cosign.pub',
  policy: { kind: 'key', publicKeyPem: key.publicKey.export({ format: 'pem', type: 'spki' }).toString() },
}

/** What the instance signs is a minute into 2026. */
const now = new Date('2026-01-02T00:00:00Z')

let trust: TrustMaterial

beforeAll(() => {
  trust = readTrustedRoots([{ name: 'test', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
})

describe('judgeImage()', () => {
  test('has no answer where no rule is for the image', async () => {
    expect(await judge([], [attested(workflow)], { reference: 'ghcr.io/me/app' })).toEqual({
      decision: 'no-rule',
    })
    const other = rule({ images: ['ghcr.io/you/**'] })
    expect(await judge([other], [attested(workflow)])).toEqual({ decision: 'no-rule' })
  })

  test('takes the most specific rule, wherever it stands', async () => {
    const open: TrustRule = { kind: 'unsigned', images: [parseImagePattern('**')] }
    const strict = rule({ images: ['ghcr.io/me/**'] })
    for (const rules of [
      [open, strict],
      [strict, open],
    ])
      expect(await judge(rules, [])).toMatchObject({ decision: 'refused', matched: { rule: strict } })
    expect(await judge([open, strict], [], { reference: 'python' })).toMatchObject({
      decision: 'unsigned-allowed',
    })
  })

  test('looks at nothing where unsigned images are allowed', async () => {
    const open: TrustRule = { kind: 'unsigned', images: [parseImagePattern('**')] }
    expect(await judge([open], [attested(workflow)])).toEqual({
      decision: 'unsigned-allowed',
      matched: { rule: open, pattern: open.images[0] },
    })
  })

  test('says what fulfilled the rule and stops there', async () => {
    const good = attested(workflow)
    const verdict = await judge([rule()], [evidence({}), good, attested(workflow)])
    expect(verdict).toMatchObject({
      decision: 'verified',
      matched: { pattern: { text: 'ghcr.io/me/*' } },
      fulfilled: [
        {
          asked: 'a signature or provenance by GitHub me/app',
          signer: 'GitHub me/app',
          proved: { evidence: good },
        },
      ],
      rejected: [{ failure: { check: 'format' } }],
    })
  })

  test('refuses an image that has nothing', async () => {
    expect(await judge([rule()], [])).toMatchObject({
      decision: 'refused',
      fulfilled: [],
      missing: ['a signature or provenance by GitHub me/app'],
      rejected: [],
    })
  })

  describe('with any of several signers', () => {
    const anyOf = rule({ signers: { need: 'any', of: [byGithub, byPerson, byKey] } })

    test.each<[string, FixtureSigner]>([
      ['GitHub me/app', workflow],
      ['me@example.com', person],
      ['the key cosign.pub', { key }],
    ])('takes %s', async (name, signer) => {
      expect(await judge([anyOf], [attested(signer)])).toMatchObject({
        decision: 'verified',
        fulfilled: [{ signer: name }],
      })
    })

    test.each<[string, string, FixtureSigner]>([
      ['another person', 'signer', { ...person, identity: 'me@example.com.evil' }],
      ['the name by another issuer', 'signer', { ...person, issuer: 'https://accounts.evil' }],
      ['another repository', 'signer', githubSigner('me/app2')],
      ['another key', 'signature', { key: keyPair() }],
    ])('refuses %s', async (_, check, signer) => {
      const verdict = await judge([anyOf], [attested(signer)])
      expect(verdict).toMatchObject({ decision: 'refused', rejected: [{ failure: { check } }] })
    })

    test('says what was wrong with a certificate, and not that it is no key', async () => {
      const other = evidence(instance.attest(workflow, { subjects: [digestOf(Buffer.from('other'))] }))
      expect(await judge([anyOf], [other])).toMatchObject({ rejected: [{ failure: { check: 'artifact' } }] })
    })
  })

  describe('with all of several signers', () => {
    const signers: SignedRule['signers'] = { need: 'all', of: [byGithub, byKey] }

    test('needs something by each', async () => {
      const [built, approved] = [attested(workflow), attested({ key }, { predicateType: cosign })]
      expect(await judge([rule({ signers })], [built, built])).toMatchObject({
        decision: 'refused',
        fulfilled: [{ signer: 'GitHub me/app' }],
        missing: ['a signature or provenance by the key cosign.pub'],
      })
      expect(await judge([rule({ signers })], [approved, built])).toMatchObject({
        decision: 'verified',
        fulfilled: [
          { signer: 'GitHub me/app', proved: { evidence: built } },
          { signer: 'the key cosign.pub', proved: { evidence: approved } },
        ],
      })
    })

    test('takes no statement of one that says nothing of having made or approved it', async () => {
      const bill = attested({ key }, { predicateType: spdx })
      expect(await judge([rule({ signers })], [attested(workflow), bill])).toMatchObject({
        decision: 'refused',
        rejected: [{ evidence: bill, failure: { check: 'predicate-type' } }],
      })
      const asked = rule({ signers, predicateTypes: [spdx] })
      expect(await judge([asked], [attested(workflow), bill])).toMatchObject({ decision: 'verified' })
    })

    test('counts nobody twice, whatever they sign and however often', async () => {
      const anyone: AcceptedSigner = {
        name: 'somebody of example.com',
        policy: identity({ pattern: '*@example.com' }, { exact: person.issuer }),
      }
      const asked = rule({ signers: { need: 'all', of: [anyone, byPerson] } })
      const [one, another] = [attested(person), attested(person, { predicateType: cosign })]
      for (const found of [[one], [one, another]])
        expect(await judge([asked], found)).toMatchObject({
          decision: 'refused',
          fulfilled: [{ proved: { evidence: one } }],
          missing: ['a signature or provenance by me@example.com'],
          rejected: [{ evidence: one, failure: { check: 'signer' } }],
        })
      const colleague = attested({ ...person, identity: 'you@example.com' })
      for (const found of [
        [one, colleague],
        [colleague, one],
        [one, another, colleague],
      ])
        expect(await judge([asked], found)).toMatchObject({
          decision: 'verified',
          fulfilled: [
            { signer: 'somebody of example.com', proved: { evidence: colleague } },
            { signer: 'me@example.com', proved: { evidence: one } },
          ],
        })
    })

    test('asks for the conditions of one, and a signature of the other', async () => {
      const asked = rule({ signers, provenance: { ref: { pattern: 'refs/tags/*' } } })
      const approved = attested({ key }, { predicateType: cosign })
      expect(await judge([asked], [attested(workflow), approved])).toMatchObject({ decision: 'verified' })
      const branch = attested(githubSigner('me/app'))
      expect(await judge([asked], [branch, approved])).toMatchObject({
        decision: 'refused',
        missing: ['a signature or provenance with ref refs/tags/* by GitHub me/app or the key cosign.pub'],
        rejected: [
          { evidence: branch, failure: { check: 'source-ref' } },
          { evidence: approved, failure: { check: 'source-ref' } },
        ],
      })
    })
  })

  describe('with predicate types', () => {
    const asked = rule({ predicateTypes: [provenance, spdx] })

    test('needs each of them', async () => {
      const [made, bill] = [attested(workflow), attested(workflow, { predicateType: spdx })]
      expect(await judge([asked], [bill, made])).toMatchObject({
        decision: 'verified',
        fulfilled: [{ proved: { evidence: made } }, { proved: { evidence: bill } }],
      })
      expect(await judge([asked], [made])).toMatchObject({
        decision: 'refused',
        missing: [`${spdx} by GitHub me/app`],
        rejected: [],
      })
    })

    test('takes none of somebody else', async () => {
      const bill = attested(person, { predicateType: spdx })
      expect(await judge([asked], [attested(workflow), bill])).toMatchObject({
        decision: 'refused',
        rejected: [{ evidence: bill, failure: { check: 'identity' } }],
      })
    })

    test('takes no signature that states nothing for one of them', async () => {
      const bytes = Buffer.from('image')
      const over = evidence(instance.sign({ ...workflow, content: { bytes } }))
      expect(await judge([asked], [over])).toMatchObject({
        rejected: [{ failure: { check: 'predicate-type' } }],
      })
    })
  })

  describe('with conditions on provenance', () => {
    const fromTag = { ref: { pattern: 'refs/tags/*' } }

    test.each([
      ['the one that fulfils them', workflow, 'verified'],
      ['one from a branch', githubSigner('me/app'), 'refused'],
    ])('judges %s', async (_, signer, decision) => {
      expect(await judge([rule({ provenance: fromTag })], [attested(signer)])).toMatchObject({ decision })
    })

    test('holds them against provenance, and not against a bill of materials', async () => {
      const asked = rule({ predicateTypes: [provenance, spdx], provenance: { buildType: 'x' } })
      const made = attested(workflow, { predicate: { buildDefinition: { buildType: 'x' } } })
      const bill = attested(workflow, { predicateType: spdx })
      expect(await judge([asked], [made, bill])).toMatchObject({ decision: 'verified' })
    })

    test('asks for provenance besides where no type is one', async () => {
      const asked = rule({ predicateTypes: [spdx], provenance: fromTag })
      const bill = attested(workflow, { predicateType: spdx })
      expect(await judge([asked], [bill])).toMatchObject({ decision: 'refused' })
      expect(await judge([asked], [bill, attested(workflow)])).toMatchObject({ decision: 'verified' })
    })
  })

  describe('with an age', () => {
    test.each([
      ['young enough', 86_400, now, 'verified', undefined],
      ['a second too old', 86_400, new Date('2026-01-02T00:01:01Z'), 'refused', 'age'],
      ['as old as may be', 86_400, new Date('2026-01-02T00:01:00Z'), 'verified', undefined],
      ['yet to come, as clocks differ', 86_400, new Date('2025-12-31T23:57:00Z'), 'verified', undefined],
      ['yet to come', 86_400, new Date('2025-12-31T23:50:00Z'), 'refused', 'age'],
    ])('judges what is %s', async (_, maxAge, at, decision, check) => {
      const verdict = await judge([rule({ maxAge })], [attested(workflow)], { now: at })
      expect(verdict).toMatchObject({
        decision,
        rejected: check === undefined ? [] : [{ failure: { check } }],
      })
    })

    test('takes nothing whose time nobody proved', async () => {
      const unlogged: AcceptedSigner = { name: 'key', policy: { ...keyPolicy(), unlogged: true } }
      const bundle = instance.attest({ key }, { subjects: [image] })
      const bare = evidence({
        ...bundle,
        verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [] },
      })
      const signers: SignedRule['signers'] = { need: 'any', of: [unlogged] }
      expect(await judge([rule({ signers })], [bare])).toMatchObject({ decision: 'verified' })
      expect(await judge([rule({ signers, maxAge: 60 })], [bare])).toMatchObject({
        decision: 'refused',
        rejected: [{ failure: { check: 'age' } }],
      })
    })
  })

  test('says the same in whatever order the evidence comes, and never no because there is more', async () => {
    const pool = [
      attested(workflow),
      attested(githubSigner('me/app')),
      attested(workflow, { predicateType: spdx }),
      attested({ key }, { predicateType: cosign }),
      attested(person),
      evidence({}),
    ]
    const rules = fc
      .record({
        need: fc.constantFrom<'any' | 'all'>('any', 'all'),
        of: fc.subarray([byGithub, byPerson, byKey], { minLength: 1 }),
        predicateTypes: fc.subarray([provenance, spdx]),
        tag: fc.boolean(),
      })
      .map(({ need, of, predicateTypes, tag }) =>
        rule({
          signers: { need, of },
          predicateTypes,
          provenance: tag ? { ref: { pattern: 'refs/tags/*' } } : undefined,
        }),
      )
    const shuffled = fc.shuffledSubarray(pool, { minLength: pool.length })
    await fc.assert(
      fc.asyncProperty(rules, fc.subarray(pool), shuffled, async (asked, some, all) => {
        const [few, many, turned] = await Promise.all(
          [some, pool, all].map(async (found) => (await judge([asked], found)).decision),
        )
        expect(turned).toBe(many)
        expect([few, many]).not.toEqual(['verified', 'refused'])
      }),
      { numRuns: 40 },
    )
  })

  test.each<[string, readonly AcceptedSigner[]]>([
    ['nobody', []],
    ['everybody', [{ ...byPerson, policy: identity({ pattern: '*' }, { exact: 'x' }) }]],
    ['every issuer', [{ ...byPerson, policy: identity({ exact: 'x' }, { pattern: '**' }) }]],
    ['an empty name', [{ ...byPerson, policy: identity({ exact: '' }, { exact: 'x' }) }]],
    ['a key that is none', [{ name: 'key', policy: { kind: 'key', publicKeyPem: 'x' } }]],
  ])('refuses a rule that accepts %s', async (_, of) => {
    for (const need of ['any', 'all'] as const)
      await expect(judge([rule({ signers: { need, of } })], [attested(person)])).rejects.toThrow(UsageError)
  })

  test('ends with the reason of its signal', async () => {
    const reason = new Error('enough')
    const judged = judge([rule()], [attested(workflow)], { signal: AbortSignal.abort(reason) })
    await expect(judged).rejects.toBe(reason)
  })
})

function judge(
  rules: readonly TrustRule[],
  found: readonly Evidence[],
  {
    reference = 'ghcr.io/me/app:1',
    ...more
  }: { readonly reference?: string } & Pick<Partial<JudgeRequest>, 'now' | 'signal'> = {},
): Promise<ImageVerdict> {
  return judgeImage({
    reference: parseReference(reference),
    evidence: found,
    rules: { default: 'require', rules },
    trust,
    now,
    ...more,
  })
}

function rule({
  images = ['ghcr.io/me/*'],
  ...more
}: Partial<Omit<SignedRule, 'images'>> & { readonly images?: readonly string[] } = {}): SignedRule {
  return {
    kind: 'signed',
    images: images.map((text) => parseImagePattern(text)),
    signers: { need: 'any', of: [byGithub] },
    predicateTypes: [],
    ...more,
  }
}

type IdentityPolicy = Extract<AcceptedSigner['policy'], { readonly kind: 'identity' }>

function identity(name: IdentityPolicy['identity'], issuer: IdentityPolicy['issuer']): IdentityPolicy {
  return { kind: 'identity', identity: name, issuer }
}

function keyPolicy(): Extract<AcceptedSigner['policy'], { readonly kind: 'key' }> {
  if (byKey.policy.kind !== 'key') throw new Error('it is a key')
  return byKey.policy
}

function attested(signer: FixtureSigner, statement: Partial<FixtureStatement> = {}): Evidence {
  return evidence(instance.attest(signer, { subjects: [image], ...statement }))
}

function evidence(bundle: FixtureBundle | object): Evidence {
  return {
    place: { kind: 'file', path: 'f', line: 1 },
    subjects: [image],
    content: { kind: 'bundle', bundle },
  }
}
