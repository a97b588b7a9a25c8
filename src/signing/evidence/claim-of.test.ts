import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { claimOf } from './claim-of.ts'

const instance = sigstoreInstance()
const signer = githubSigner('me/app')
const bundle = instance.attest(signer, { subjects: [`sha256:${'0'.repeat(64)}`] })

describe('claimOf()', () => {
  test('tells what a certificate and a statement say', () => {
    expect(claimOf({ kind: 'bundle', bundle })).toMatchObject({
      signer: {
        identity: signer.identity,
        issuer: 'https://token.actions.githubusercontent.com',
        claims: { sourceRepositoryUri: 'https://github.com/me/app' },
      },
      predicateType: 'https://slsa.dev/provenance/v1',
    })
  })

  test('a key claims no name, and bytes state nothing', () => {
    const keyed = instance.sign({ key: keyPair(), content: { bytes: Buffer.from('x') } })
    expect(claimOf({ kind: 'bundle', bundle: keyed })).toEqual({
      signer: undefined,
      predicateType: undefined,
    })
  })

  test('what cannot be read claims nothing', () => {
    expect(claimOf({ kind: 'unreadable', reason: 'x' })).toBeUndefined()
    expect(claimOf({ kind: 'bundle', bundle: { mediaType: 'x' } })).toBeUndefined()
  })

  test('never throws, whatever a bundle is changed to', () => {
    const text = JSON.stringify(bundle)
    const change = fc.tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }))
    fc.assert(
      fc.property(change, ([at, by]) => {
        const changed = parsed(text.slice(0, at) + by + text.slice(at + 1))
        expect(() => claimOf({ kind: 'bundle', bundle: changed })).not.toThrow()
      }),
      { numRuns: 1000 },
    )
  })
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
