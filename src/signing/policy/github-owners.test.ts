import { describe, expect, test } from 'vitest'
import { parseReference } from '../../oci/index.ts'
import { githubOwners } from './github-owners.ts'
import { parseImagePattern } from './image-pattern.ts'
import type { AcceptedSigner, SignedRule, TrustRule } from './trust-rules.ts'

const person: AcceptedSigner = {
  name: 'me',
  policy: { kind: 'identity', identity: { exact: 'me' }, issuer: { exact: 'x' } },
}
const key: AcceptedSigner = { name: 'key', policy: { kind: 'key', publicKeyPem: '' } }
const owner: AcceptedSigner = { ...person, github: { owner: 'astral-sh' } }
const repository: AcceptedSigner = { ...person, github: { owner: 'me', repository: 'app' } }

describe('githubOwners()', () => {
  test.each<[string, readonly string[], TrustRule | undefined, string]>([
    ['of an image of ghcr.io, its owner', ['you'], undefined, 'ghcr.io/you/app'],
    ['however the host is written', ['you'], undefined, 'GHCR.io/you/app'],
    ['of another image, nobody', [], undefined, 'ghcr.io.evil.com/you/app'],
    ['of another image, nobody, without being told so', [], signed([owner]), 'python'],
    [
      'the owners and repositories of its signers',
      ['astral-sh', 'me/app'],
      signed([owner, person, repository, owner]),
      'ghcr.io/you/app',
    ],
    ['the owner of the image where its signers have none', ['you'], signed([person]), 'ghcr.io/you/app'],
    ['the signers of another image, when told so', ['astral-sh'], signed([owner], 'both'), 'python'],
    ['nobody where keys alone sign', [], signed([key]), 'ghcr.io/you/app'],
    ['the owner of the image, when told so', ['you'], signed([key], 'both'), 'ghcr.io/you/app'],
    ['nobody, when told so', [], signed([owner], 'registry'), 'ghcr.io/you/app'],
    ['nobody, where unsigned images are allowed', [], { kind: 'unsigned', images: [] }, 'ghcr.io/you/app'],
  ])('asks for what is %s', (_, expected, rule, image) => {
    expect(githubOwners(rule, parseReference(image))).toEqual(expected)
  })
})

function signed(of: readonly AcceptedSigner[], search?: SignedRule['search']): SignedRule {
  return {
    kind: 'signed',
    images: [parseImagePattern('**')],
    signers: { need: 'any', of },
    predicateTypes: [],
    search,
  }
}
