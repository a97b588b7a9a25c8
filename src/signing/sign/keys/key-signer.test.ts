import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SigningKeyError } from '../errors.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { keySigner } from './key-signer.ts'
import { pemBlocks, writePem } from './pem-block.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ed25519 = generateKeyPairSync('ed25519').privateKey

const bytes = Buffer.from('what is signed')

describe('keySigner()', () => {
  test.each<[string, KeyObject, 'pkcs8' | 'sec1' | 'pkcs1', string | null]>([
    ['ECDSA P-256 in PKCS#8', ec, 'pkcs8', 'sha256'],
    ['ECDSA P-256 in SEC1', ec, 'sec1', 'sha256'],
    ['ECDSA P-384', p384, 'pkcs8', 'sha384'],
    ['RSA in PKCS#8', rsa, 'pkcs8', 'sha256'],
    ['RSA in PKCS#1', rsa, 'pkcs1', 'sha256'],
    ['Ed25519', ed25519, 'pkcs8', null],
  ])('signs with %s', async (_, key, type, hash) => {
    const pem = key.export({ format: 'pem', type }).toString()
    const signer = await keySigner({ pem, name: 'my.key', password: refuse })
    const made = await signer.sign(bytes)
    expect(verify(hash, bytes, createPublicKey(key), made.signature)).toBe(true)
    expect(made.hash).toBe(hash ?? 'sha256')
    expect(made.material).toEqual({
      kind: 'key',
      publicKeyPem: createPublicKey(key).export({ format: 'pem', type: 'spki' }),
    })
    expect(signer.display).toBe('my.key')
  })

  test('takes the curve that openssl ecparam writes in front of a key', async () => {
    const pem =
      writePem('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex')) +
      ec.export({ format: 'pem', type: 'sec1' })
    await expect(keySigner({ pem, name: 'my.key' })).resolves.toBeDefined()
  })

  test('opens an encrypted PKCS#8 key with its password', async () => {
    const pem = ec
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'correct' })
      .toString()
    const signer = await keySigner({ pem, name: 'my.key', password: () => 'correct' })
    const { signature } = await signer.sign(bytes)
    expect(verify('sha256', bytes, createPublicKey(ec), signature)).toBe(true)
    await expect(keySigner({ pem, name: 'my.key', password: () => 'wrong' })).rejects.toThrow(
      'Cannot sign with my.key: the password is wrong, or it cannot be read',
    )
    await expect(keySigner({ pem, name: 'my.key' })).rejects.toThrow(
      'it is encrypted, and there is no password',
    )
  })

  test.each([
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, 'its curve is secp521r1'],
    [
      'a short RSA key',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
      'RSA key of 1024 bits',
    ],
    ['X25519', generateKeyPairSync('x25519').privateKey, 'it is of the type x25519'],
  ])('refuses %s', async (_, key, reason) => {
    const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString()
    await expect(keySigner({ pem, name: 'my.key' })).rejects.toThrow(reason)
  })

  test.each([
    ['nothing', '', 'it is not one private key in PEM'],
    ['two keys', `${pemOf(ec)}${pemOf(p384)}`, 'it is not one private key in PEM'],
    [
      'a public key',
      createPublicKey(ec).export({ format: 'pem', type: 'spki' }).toString(),
      'it is a public key',
    ],
    ['another thing', writePem('CERTIFICATE', bytes), 'it holds "CERTIFICATE"'],
    ['no key in a key', writePem('PRIVATE KEY', bytes), 'it cannot be read'],
  ])('refuses %s', async (_, pem, reason) => {
    await expect(keySigner({ pem, name: 'my.key' })).rejects.toThrow(reason)
  })

  test('never shows the password or the key', async () => {
    const { privateKeyPem } = await generateKeyPair({ password: 'hunter2' })
    const shown = await keySigner({ pem: privateKeyPem, name: 'k', password: () => 'hunter3' }).catch(String)
    expect(shown).not.toMatch(/hunter/)
    expect(JSON.stringify(await keySigner({ pem: pemOf(ec), name: 'k' }))).toBe('{"display":"k"}')
  })

  test('does not sign once it is aborted', async () => {
    const signer = await keySigner({ pem: pemOf(ec), name: 'k' })
    const reason = new Error('stop')
    expect(() => signer.sign(bytes, { signal: AbortSignal.abort(reason) })).toThrow(reason)
  })
})

describe("cosign's encrypted keys", () => {
  test('generateKeyPair() writes one, and its password opens it', async () => {
    const { privateKeyPem, publicKeyPem } = await generateKeyPair({ password: 'correct' })
    expect(privateKeyPem).toMatch(/^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n/)
    const signer = await keySigner({ pem: privateKeyPem, name: 'cosign.key', password: () => 'correct' })
    const { signature } = await signer.sign(bytes)
    expect(verify('sha256', bytes, createPublicKey(publicKeyPem), signature)).toBe(true)
    await expect(
      keySigner({ pem: privateKeyPem, name: 'cosign.key', password: () => 'wrong' }),
    ).rejects.toThrow('Cannot sign with cosign.key: the password is wrong')
  })

  test.each([
    ['too much memory', { kdf: { name: 'scrypt', params: { N: 1 << 20, r: 8, p: 1 }, salt: 'AAAA' } }],
    [
      'an N that is no power of two',
      { kdf: { name: 'scrypt', params: { N: 65_535, r: 8, p: 1 }, salt: 'AAAA' } },
    ],
    ['another cipher', { cipher: { name: 'aes', nonce: Buffer.alloc(24).toString('base64') } }],
    ['a short nonce', { cipher: { name: 'nacl/secretbox', nonce: 'AAAA' } }],
    ['another kdf', { kdf: { name: 'pbkdf2' } }],
  ])('one with %s is refused before any work is done', async (_, change) => {
    const sealed = {
      kdf: { name: 'scrypt', params: { N: 65_536, r: 8, p: 1 }, salt: 'AAAA' },
      cipher: { name: 'nacl/secretbox', nonce: Buffer.alloc(24).toString('base64') },
      ciphertext: 'AAAA',
      ...change,
    }
    const pem = writePem('ENCRYPTED COSIGN PRIVATE KEY', Buffer.from(JSON.stringify(sealed)))
    await expect(keySigner({ pem, name: 'k', password: () => '' })).rejects.toThrow(
      /parameters are not within bounds|not sealed with scrypt/,
    )
  })
})

test("a file that is nearly cosign's is refused as a key, whatever stands in it", async () => {
  const sealed = {
    kdf: { name: 'scrypt', params: { N: 1024, r: 8, p: 1 }, salt: 'AAAA' },
    cipher: { name: 'nacl/secretbox', nonce: Buffer.alloc(24).toString('base64') },
    ciphertext: 'AAAA',
  }
  const changes = fc.tuple(fc.constantFrom('kdf', 'cipher', 'ciphertext', 'other'), fc.jsonValue())
  await fc.assert(
    fc.asyncProperty(changes, async ([field, value]) => {
      const content = Buffer.from(JSON.stringify({ ...sealed, [field]: value }))
      const pem = writePem('ENCRYPTED SIGSTORE PRIVATE KEY', content)
      await expect(keySigner({ pem, name: 'k', password: () => 'x' })).rejects.toBeInstanceOf(SigningKeyError)
    }),
  )
})

describe('pemBlocks()', () => {
  test.each(['x', '-', ''])(
    'reads a block of nothing but line ends and %j without trying them all',
    (end) => {
      expect(pemBlocks(`-----BEGIN CERTIFICATE-----${'\n'.repeat(130_000)}${end}`)).toBeUndefined()
    },
  )

  test('reads what writePem() writes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 3 }),
        (content, count) => {
          const text = writePem('A KEY', content).repeat(count)
          expect(pemBlocks(text)).toEqual(
            Array.from({ length: count }, () => ({ label: 'A KEY', bytes: Buffer.from(content) })),
          )
        },
      ),
    )
  })

  test('takes lines that end as on Windows, and nothing between blocks', () => {
    const text = writePem('KEY', bytes)
    expect(pemBlocks(text.replaceAll('\n', '\r\n'))).toHaveLength(1)
    expect(pemBlocks(`${text}x\n${text}`)).toBeUndefined()
    expect(pemBlocks(text.slice(0, -10))).toBeUndefined()
  })

  test('gives an answer for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = pemBlocks(`-----BEGIN KEY-----${text}-----END KEY-----`)
        expect(found === undefined || found.every(({ bytes: read }) => read.length > 0)).toBe(true)
      }),
    )
  })
})

function pemOf(key: KeyObject): string {
  return createPrivateKey(key.export({ format: 'pem', type: 'pkcs8' }))
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()
}

function refuse(): never {
  throw new Error('the password is not needed')
}
