import { describe, expect, test } from 'vitest'
import { digestOf } from '../oci/index.ts'
import type { Signer } from '../signing/index.ts'
import { decideSignatures, type SignatureFacts, type SignatureMemory } from './decide-signatures.ts'
import type { LockedImage, LockedSignatures, RememberedSigner } from './lock.ts'
import { compareSigners, rememberedSigner } from './remembered-signer.ts'
import type { VerifiedSignature } from './verified-signature.ts'

const digest = digestOf(Buffer.from('image'))
const github = 'https://token.actions.githubusercontent.com'
const uv: RememberedSigner = {
  issuer: github,
  identity: 'https://github.com/astral-sh/uv/.github/workflows/build.yml',
  sourceRepositoryOwner: 'https://github.com/astral-sh',
  sourceRepository: 'https://github.com/astral-sh/uv',
  sourceRepositoryId: '1',
}
const evil: RememberedSigner = {
  ...uv,
  identity: 'https://github.com/evil/uv/.github/workflows/build.yml',
  sourceRepositoryOwner: 'https://github.com/evil',
  sourceRepository: 'https://github.com/evil/uv',
  sourceRepositoryId: '2',
}
const me: RememberedSigner = { issuer: 'https://accounts.google.com', identity: 'me@example.com' }
const key: RememberedSigner = { key: digest }

describe('compareSigners()', () => {
  test.each<[string, RememberedSigner, RememberedSigner, ReturnType<typeof compareSigners>]>([
    ['the same', uv, { ...uv }, 'same'],
    ['another issuer', uv, { ...uv, issuer: 'https://gitlab.com' }, 'different'],
    ['another owner', uv, { ...uv, sourceRepositoryOwner: 'https://github.com/evil' }, 'different'],
    ['another repository', uv, { ...uv, sourceRepository: 'https://github.com/astral-sh/ruff' }, 'different'],
    ['no repository any more', uv, { issuer: uv.issuer, identity: uv.identity }, 'different'],
    ['the name in other case', uv, { ...uv, sourceRepository: 'https://github.com/Astral-sh/UV' }, 'same'],
    ['the name given to somebody else', uv, { ...uv, sourceRepositoryId: '2' }, 'different'],
    ['another workflow', uv, { ...uv, identity: `${uv.identity}x` }, 'workflow'],
    ['another top-level workflow', uv, { ...uv, workflow: 'https://github.com/x' }, 'workflow'],
    ['another person', me, { ...me, identity: 'you@example.com' }, 'different'],
    ['the same person', me, { ...me }, 'same'],
    ['the same key', key, { key: digest }, 'same'],
    ['another key', key, { key: digestOf(Buffer.from('other')) }, 'different'],
    ['a key and a person', key, me, 'different'],
  ])('%s', (_, one, other, answer) => {
    expect(compareSigners(one, other)).toBe(answer)
    expect(compareSigners(other, one)).toBe(answer)
  })
})

describe('rememberedSigner()', () => {
  test.each([
    [
      'https://github.com/me/app/.github/workflows/r.yml@refs/tags/v1',
      'https://github.com/me/app/.github/workflows/r.yml',
    ],
    [
      'https://github.com/me/app/.github/workflows/r.yml@refs/heads/a@b',
      'https://github.com/me/app/.github/workflows/r.yml',
    ],
    [
      'https://gitlab.com/me/app//.gitlab-ci.yml@refs/heads/main',
      'https://gitlab.com/me/app//.gitlab-ci.yml',
    ],
    ['me@example.com', 'me@example.com'],
    ['spiffe://example.com/ns/app', 'spiffe://example.com/ns/app'],
    ['https://me@example.com/x', 'https://me@example.com/x'],
  ])('%s is remembered as %s', (identity, stable) => {
    expect(rememberedSigner(certificate(identity))).toEqual({ issuer: github, identity: stable })
  })

  test('keeps what stays the same, and the workflow at the top where another one signed', () => {
    const signer = certificate('https://github.com/shared/flows/.github/workflows/r.yml@v1', {
      sourceRepositoryUri: 'https://github.com/me/app',
      sourceRepositoryOwnerUri: 'https://github.com/me',
      sourceRepositoryId: '7',
      sourceRepositoryRef: 'refs/tags/v1',
      buildConfigUri: 'https://github.com/me/app/.github/workflows/top.yml@refs/tags/v1',
    })
    expect(rememberedSigner(signer)).toEqual({
      issuer: github,
      identity: 'https://github.com/shared/flows/.github/workflows/r.yml',
      sourceRepository: 'https://github.com/me/app',
      sourceRepositoryOwner: 'https://github.com/me',
      sourceRepositoryId: '7',
      workflow: 'https://github.com/me/app/.github/workflows/top.yml',
    })
  })

  test('takes the repository of an older certificate, of GitHub alone', () => {
    const claims = { githubWorkflowRepository: 'me/app' }
    expect(rememberedSigner(certificate('x', claims))).toMatchObject({
      sourceRepository: 'https://github.com/me/app',
    })
    expect(rememberedSigner(certificate('x', claims, 'https://other'))).not.toHaveProperty('sourceRepository')
  })
})

describe('decideSignatures()', () => {
  test.each<[string, SignatureFacts, Partial<SignatureMemory>, unknown]>([
    ['a new image that nobody signed', found(), {}, none('first-use')],
    ['a new image with a signature', found(uv), {}, verified(uv, 'first-use')],
    [
      'a new image with two signatures',
      found(me, uv),
      {},
      { ...verified(uv, 'first-use'), signers: [uv, me] },
    ],
    ['a new tag of a repository, by the same', found(uv), { signers: [uv] }, verified(uv, 'first-use')],
    ['a new tag, by the same and a stranger', found(evil, uv), { signers: [uv] }, verified(uv, 'first-use')],
    ['a new tag, by one of those who sign', found(me), { signers: [uv, me] }, verified(me, 'first-use')],
    ['a new tag, by a stranger', found(evil), { signers: [uv] }, changed([uv], [evil])],
    ['a new tag without a signature', found(), { signers: [uv] }, gone([uv])],
    [
      'an image that was signed, by the same',
      found(uv),
      { before: image('verified'), signers: [uv] },
      verified(uv, 'first-use'),
    ],
    [
      'an image that was signed, by a stranger',
      found(evil),
      { before: image('verified'), signers: [uv] },
      changed([uv], [evil]),
    ],
    ['an image whose signature is gone', found(), { before: image('verified'), signers: [uv] }, gone([uv])],
    [
      'an image whose signer was taken out of the lock',
      found(evil),
      { before: image('verified') },
      changed([], [evil]),
    ],
    ['an image whose signature and signer are gone', found(), { before: image('verified') }, gone([])],
    [
      'an image that never had one, beside signed ones',
      found(),
      { before: image('none-found'), signers: [uv] },
      none('first-use'),
    ],
    ['an image that is signed now', found(uv), { before: image('none-found') }, verified(uv, 'first-use')],
    [
      'an image that is signed now, by a stranger to its repository',
      found(evil),
      { before: image('none-found'), signers: [uv] },
      changed([uv], [evil]),
    ],
    [
      'a stranger who is accepted',
      found(evil),
      { signers: [uv], isAcceptedByHand: true },
      verified(evil, 'accept-signer'),
    ],
    [
      'the same where a stranger would be accepted',
      found(uv),
      { signers: [uv], isAcceptedByHand: true },
      verified(uv, 'first-use'),
    ],
    [
      'a signature that may be gone',
      found(),
      { signers: [uv], isAcceptedByHand: true },
      none('accept-signer'),
    ],
    [
      'another workflow of the same repository',
      found({ ...uv, identity: `${uv.identity}x` }),
      { signers: [uv] },
      {
        ...verified({ ...uv, identity: `${uv.identity}x` }, 'first-use'),
        otherWorkflow: { was: uv, is: { ...uv, identity: `${uv.identity}x` } },
      },
    ],
    ['a rule that is fulfilled', ruled(evil), { signers: [uv] }, verified(evil, { rule: 'r' })],
    [
      'a rule that nothing shows to be fulfilled',
      ruled(),
      {},
      stop({ reason: 'rule-refused', rule: 'r', reasons: ['nothing shows that it is fulfilled'] }),
    ],
    [
      'a rule that takes it unsigned',
      { kind: 'rule-allows-unsigned', rule: 'r' },
      { before: image('verified'), signers: [uv] },
      { kind: 'accepted', signatures: { status: 'not-asked', acceptedBy: { rule: 'r' } }, signers: [] },
    ],
    [
      'a rule that is not fulfilled',
      { kind: 'rule-refused', rule: 'r', reasons: ['x'] },
      { isAcceptedByHand: true },
      stop({ reason: 'rule-refused', rule: 'r', reasons: ['x'] }),
    ],
    [
      'no rule where one has to be',
      { kind: 'rule-missing' },
      { isAcceptedByHand: true },
      stop({ reason: 'rule-missing' }),
    ],
  ])('%s', (_, facts, memory, decision) => {
    expect(
      decideSignatures(facts, { before: undefined, signers: [], isAcceptedByHand: false, ...memory }),
    ).toEqual(decision)
  })
})

function found(...signers: readonly RememberedSigner[]): SignatureFacts {
  return { kind: 'found', searched: ['registry'], verified: signers.map(signature) }
}

function ruled(...signers: readonly RememberedSigner[]): SignatureFacts {
  return { kind: 'rule-fulfilled', rule: 'r', searched: ['registry'], by: signers.map(signature) }
}

function signature(signer: RememberedSigner): VerifiedSignature {
  return { signer, evidence: { subject: digest, bundle: digestOf(Buffer.from(JSON.stringify(signer))) } }
}

function verified(signer: RememberedSigner, acceptedBy: unknown): Record<string, unknown> {
  const { evidence } = signature(signer)
  return {
    kind: 'accepted',
    signatures: { status: 'verified', searched: ['registry'], acceptedBy, evidence },
    signers: [signer],
  }
}

function none(acceptedBy: string): unknown {
  return {
    kind: 'accepted',
    signatures: { status: 'none-found', searched: ['registry'], acceptedBy },
    signers: [],
  }
}

function changed(was: readonly RememberedSigner[], is: readonly RememberedSigner[]): unknown {
  return stop({ reason: 'signer-changed', was, is })
}

function gone(was: readonly RememberedSigner[]): unknown {
  return stop({ reason: 'signature-gone', was })
}

function stop(why: unknown): unknown {
  return { kind: 'stopped', stop: why }
}

function image(status: 'verified' | 'none-found'): LockedImage {
  const common = { searched: [], acceptedBy: 'first-use' } as const
  const signatures: LockedSignatures =
    status === 'none-found'
      ? { status, ...common }
      : { status, ...common, evidence: { subject: digest, bundle: digest } }
  return { digest, mediaType: 'x', size: 1, resolvedAt: '', platforms: {}, usedBy: [], signatures }
}

function certificate(
  identity: string,
  claims: Extract<Signer, { readonly kind: 'certificate' }>['claims'] = {},
  issuer = github,
): Signer {
  return { kind: 'certificate', identity, issuer, claims }
}
