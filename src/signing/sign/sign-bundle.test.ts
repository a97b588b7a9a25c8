import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { parseDigest } from '../../oci/index.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import { verifyBundle } from '../verify/verify-bundle.ts'
import { keySigner } from './keys/key-signer.ts'
import { noWitnesses, signBundle } from './sign-bundle.ts'
import { inTotoStatement } from './statement.ts'
import type { BundleSigner } from './types.ts'

const digest = parseDigest(`sha256:${'a'.repeat(64)}`)
const payload = inTotoStatement({
  subjects: [{ name: 'example.com/app', digest }],
  predicateType: 'https://example.com/predicate/v1',
  predicate: { built: true },
})
const noTrust = readTrustedRoots([])

const keys: readonly [string, KeyObject][] = [
  ['ECDSA P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['ECDSA P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['Ed25519', generateKeyPairSync('ed25519').privateKey],
]

describe.each(keys)('signBundle() with a key of %s', (_, key) => {
  test('makes a statement verifiable', async () => {
    const signer = await signerOf(key)
    const bundle = await signBundle({ kind: 'statement', payload }, signer, noWitnesses)
    const { statement } = await verifyBundle(bundle, { digests: [digest] }, await policyOf(signer), noTrust)
    expect(statement?.predicate).toEqual({ built: true })
  })

  test('makes bytes verifiable', async () => {
    const signer = await signerOf(key)
    const bytes = Buffer.from('a payload')
    const bundle = await signBundle({ kind: 'message', bytes }, signer, noWitnesses)
    const artifact = { open: () => Readable.from([bytes]) }
    const verified = await verifyBundle(bundle, artifact, await policyOf(signer), noTrust)
    expect(verified.digest).toMatch(/^sha(256|384):/)
  })
})

describe('signBundle()', () => {
  test('hints at the key as cosign does', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const bundle = await signBundle(
      { kind: 'statement', payload },
      await signerOf(key.privateKey),
      noWitnesses,
    )
    const spki = key.publicKey.export({ format: 'der', type: 'spki' })
    expect(bundle).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: createHash('sha256').update(spki).digest('base64') } },
    })
  })

  test('gives nothing that does not verify', async () => {
    const signer = await signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    const wrong: BundleSigner = {
      display: 'wrong',
      sign: () => signer.sign(Buffer.from('something else')),
    }
    await expect(signBundle({ kind: 'statement', payload }, wrong, noWitnesses)).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      failure: { check: 'signature' },
    })
  })

  test('refuses a statement that names no digest, before anybody signs', async () => {
    const signer: BundleSigner = { display: '', sign: () => Promise.reject(new Error('asked')) }
    const about = { subject: [{ name: 'x', digest: { gitCommit: 'abc' } }], predicateType: 'https://x' }
    const statement = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', ...about }))
    await expect(
      signBundle({ kind: 'statement', payload: statement }, signer, noWitnesses),
    ).rejects.toMatchObject({
      code: 'USAGE',
    })
  })
})

function signerOf(key: KeyObject): Promise<BundleSigner> {
  return keySigner({ pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(), name: 'my.key' })
}

async function policyOf(signer: BundleSigner): Promise<Parameters<typeof verifyBundle>[2]> {
  const { material } = await signer.sign(Buffer.from('which key'))
  if (material.kind !== 'key') throw new Error('it is no key')
  return { kind: 'key', publicKeyPem: material.publicKeyPem, unlogged: true }
}
