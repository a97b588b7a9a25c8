import { createPrivateKey, type KeyObject } from 'node:crypto'
import { keyProblem } from '../../verify/public-key.ts'
import { SigningKeyError } from '../errors.ts'
import { type PemBlock, pemBlocks } from './pem-block.ts'
import { openSealedKey, SealedKeyError } from './sealed-key.ts'

/** A private key as it was given. */
export interface PrivateKeySource {
  /** One private key: PKCS#8, plain or encrypted; cosign's encrypted form; SEC1 (EC) or PKCS#1 (RSA). */
  readonly pem: string
  /** What errors and answers call it: the name of its file. */
  readonly name: string
  /** Asked once, and only where the key is encrypted. */
  readonly password?: (() => string | Promise<string>) | undefined
}

/**
 * Reads a private key that others can verify: ECDSA P-256 and P-384, Ed25519, RSA of 2,048 to 8,192 bits.
 *
 * @throws {SigningKeyError} it is none of them, or the password is wrong.
 */
export async function readPrivateKey(source: PrivateKeySource): Promise<KeyObject> {
  const key = await openBlock(privateKeyBlock(source), source)
  const problem = keyProblem(key)
  if (problem !== undefined) throw new SigningKeyError(source.name, problem)
  return key
}

function privateKeyBlock({ pem, name }: PrivateKeySource): PemBlock {
  const blocks = pemBlocks(pem)
  // openssl ecparam -genkey writes the curve in front of the key.
  const [only, ...more] = blocks?.filter(({ label }) => label !== 'EC PARAMETERS') ?? []
  if (only !== undefined && more.length === 0) return only
  const hint = pem.includes('Proc-Type:')
    ? 'It is encrypted in an old way; openssl pkcs8 -topk8 -in KEY writes it as PKCS#8.'
    : 'A key is made by: lading trust generate-key'
  throw new SigningKeyError(name, 'it is not one private key in PEM', { hint })
}

async function openBlock({ label, bytes }: PemBlock, source: PrivateKeySource): Promise<KeyObject> {
  switch (label) {
    case 'PRIVATE KEY':
      return createKey({ key: bytes, type: 'pkcs8' }, source.name)
    case 'EC PRIVATE KEY':
      return createKey({ key: bytes, type: 'sec1' }, source.name)
    case 'RSA PRIVATE KEY':
      return createKey({ key: bytes, type: 'pkcs1' }, source.name)
    case 'ENCRYPTED PRIVATE KEY': {
      const passphrase = await passwordOf(source)
      return createKey({ key: bytes, type: 'pkcs8', passphrase }, source.name)
    }
    case 'ENCRYPTED SIGSTORE PRIVATE KEY':
    case 'ENCRYPTED COSIGN PRIVATE KEY': {
      const pkcs8 = await openSealed(bytes, await passwordOf(source), source.name)
      return createKey({ key: pkcs8, type: 'pkcs8' }, source.name)
    }
    case 'PUBLIC KEY':
      throw new SigningKeyError(source.name, 'it is a public key, which only verifies')
    default:
      throw new SigningKeyError(source.name, `it holds "${label}", which is no private key that is used`)
  }
}

async function passwordOf({ password, name }: PrivateKeySource): Promise<string> {
  if (password === undefined) throw new SigningKeyError(name, 'it is encrypted, and there is no password')
  return password()
}

async function openSealed(bytes: Buffer, password: string, name: string): Promise<Buffer> {
  try {
    return await openSealedKey(bytes, password)
  } catch (error) {
    if (!(error instanceof SealedKeyError)) throw error
    throw new SigningKeyError(name, error.message, { cause: error })
  }
}

interface KeyInput {
  readonly key: Buffer
  readonly type: 'pkcs8' | 'sec1' | 'pkcs1'
  readonly passphrase?: string
}

function createKey(input: KeyInput, name: string): KeyObject {
  try {
    return createPrivateKey({ format: 'der', ...input })
  } catch (error) {
    const reason =
      input.passphrase === undefined ? 'it cannot be read' : 'the password is wrong, or it cannot be read'
    throw new SigningKeyError(name, reason, { cause: error })
  }
}
