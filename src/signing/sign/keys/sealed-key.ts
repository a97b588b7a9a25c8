import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import * as v from 'valibot'
import { base64Text } from '../../bundle/base64-text.ts'

/** A sealed key that cannot be opened; the message ends the sentence "Cannot sign with …:". */
export class SealedKeyError extends Error {}

interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** What cosign writes since 2022 (go-securesystemslib's "standard" parameters; it reads no others than its own three). */
const writtenCost: Cost = { N: 65_536, r: 8, p: 1 }

/** scrypt takes 128 * N * r bytes. */
const mostMemory = 256 * 1024 * 1024

const sealedSchema = v.object({
  kdf: v.object({
    name: v.literal('scrypt'),
    params: v.object({
      N: v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(1 << 20), v.check(isPowerOfTwo)),
      r: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32)),
      p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
    }),
    salt: base64Text(64),
  }),
  cipher: v.object({ name: v.literal('nacl/secretbox'), nonce: base64Text(24) }),
  ciphertext: base64Text(64 * 1024),
})

/**
 * Opens what stands in cosign's `ENCRYPTED SIGSTORE PRIVATE KEY`: JSON that names scrypt and NaCl's secretbox, around a
 * key in PKCS#8 (the format of go-securesystemslib's package `encrypted`).
 *
 * @throws {SealedKeyError} it is something else, asks for more work than 256 MiB of scrypt, or the password is wrong.
 */
export async function openSealedKey(sealed: Uint8Array, password: string): Promise<Buffer> {
  const { kdf, cipher, ciphertext } = readSealed(sealed)
  const salt = Buffer.from(kdf.salt, 'base64')
  const nonce = Buffer.from(cipher.nonce, 'base64')
  const key = await deriveKey(password, salt, kdf.params)
  try {
    return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(Buffer.from(ciphertext, 'base64')))
  } catch (error) {
    throw new SealedKeyError('the password is wrong', { cause: error })
  }
}

/** Seals a key in PKCS#8 as cosign does; a password may be empty. */
export async function sealKey(pkcs8: Uint8Array, password: string): Promise<Buffer> {
  const salt = randomBytes(32)
  const nonce = randomBytes(24)
  const key = await deriveKey(password, salt, writtenCost)
  const sealed = {
    kdf: { name: 'scrypt', params: writtenCost, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(xsalsa20poly1305(key, nonce).encrypt(pkcs8)).toString('base64'),
  }
  return Buffer.from(JSON.stringify(sealed))
}

function readSealed(sealed: Uint8Array): v.InferOutput<typeof sealedSchema> {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(sealed).toString('utf8'))
  } catch (error) {
    throw new SealedKeyError('what is inside is not JSON', { cause: error })
  }
  const result = v.safeParse(sealedSchema, json, { abortEarly: true })
  if (!result.success)
    throw new SealedKeyError('it is not sealed with scrypt and secretbox as cosign does it')
  const { kdf, cipher } = result.output
  if (128 * kdf.params.N * kdf.params.r > mostMemory || Buffer.from(cipher.nonce, 'base64').length !== 24)
    throw new SealedKeyError('its parameters are not within bounds')
  return result.output
}

function isPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) === 0
}

const deriveBytes = promisify<string, Buffer, number, object, Buffer>(scrypt)

function deriveKey(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return deriveBytes(password, salt, 32, { ...cost, maxmem: mostMemory + 64 * 1024 * 1024 })
}
