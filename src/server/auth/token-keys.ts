import { exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose'
import * as v from 'valibot'
import type { RecordStore } from '../storage/records/record-store.ts'
import { parseJson } from './parse-json.ts'
import { WorkInFlight } from './work-in-flight.ts'

/** The keys that own tokens are signed with. */
export interface TokenKeys {
  /** The key of this day, made when it is the first that needs it. */
  current(): Promise<SigningKey>
  /** The public key of that id, while tokens by it may still be good; undefined for any other. */
  find(kid: string): Promise<CryptoKey | undefined>
}

/** A key that signs. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
}

/** Options of {@link createTokenKeys}. */
export interface TokenKeysOptions {
  readonly records: RecordStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** How long after its day a key is still good for checking tokens, milliseconds; at most a day. */
  readonly graceMilliseconds: number
}

/** What every token is signed with, and nothing else is taken for. */
export const tokenAlgorithm = 'ES256'

/**
 * Keeps a key for each day (UTC) in the store as `keys/tokens/<number of the day>`. All processes on the store use the
 * one that was written first. Keys whose last token is no longer good are removed when a new one is made.
 */
export function createTokenKeys({ records, now, graceMilliseconds }: TokenKeysOptions): TokenKeys {
  const loaded = new Map<number, KeyPair>()
  const work = new WorkInFlight<KeyPair | undefined>()

  async function load(period: number): Promise<KeyPair | undefined> {
    const there = loaded.get(period)
    if (there !== undefined) return there
    return work.run(`load ${period}`, async () => {
      const record = await records.get(keyOf(period))
      if (record === undefined) return undefined
      const pair = await readKey(record.value)
      loaded.set(period, pair)
      return pair
    })
  }

  async function make(period: number): Promise<KeyPair | undefined> {
    const value = await newKey()
    const { done } = await records.write([{ kind: 'put', key: keyOf(period), value, expected: null }])
    if (done) await removeBefore(period - 2)
    return load(period)
  }

  /** Kept are today's, yesterday's, and one more for processes whose clocks differ. */
  async function removeBefore(oldest: number): Promise<void> {
    const keys = await records.listKeys({ prefix: keyPrefix, limit: 100 })
    const old = keys.filter((key) => periodOf(key.slice(keyPrefix.length)) < oldest)
    if (old.length > 0) await records.write(old.map((key) => ({ kind: 'delete', key })))
    for (const period of loaded.keys()) if (period < oldest) loaded.delete(period)
  }

  return {
    async current() {
      const period = Math.floor(now() / day)
      const pair = (await load(period)) ?? (await work.run(`make ${period}`, () => make(period)))
      if (pair === undefined)
        throw new Error('the key of tokens is gone from the store as soon as it was written')
      return { kid: String(period), privateKey: pair.privateKey }
    },
    async find(kid) {
      const period = periodOf(kid)
      const isGood =
        now() >= period * day - clockSkew && now() < (period + 1) * day + graceMilliseconds + clockSkew
      return isGood ? (await load(period))?.publicKey : undefined
    },
  }
}

interface KeyPair {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

const day = 24 * 60 * 60 * 1000
const clockSkew = 60_000
const keyPrefix = 'keys/tokens/'

function keyOf(period: number): string {
  return `${keyPrefix}${period}`
}

/** NaN, which is in no order with anything, for a text that no key is called by. */
function periodOf(kid: string): number {
  return /^[1-9][0-9]{0,6}$/.test(kid) ? Number(kid) : Number.NaN
}

async function newKey(): Promise<Uint8Array> {
  const { privateKey } = await generateKeyPair(tokenAlgorithm, { extractable: true })
  return Buffer.from(JSON.stringify(await exportJWK(privateKey)))
}

const storedKey = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  x: v.string(),
  y: v.string(),
  d: v.string(),
})

/** Nothing of a key that cannot be read is repeated. */
async function readKey(value: Uint8Array): Promise<KeyPair> {
  const parsed = v.safeParse(storedKey, parseJson(value))
  if (!parsed.success) throw new Error('a key of tokens in the store cannot be read')
  const { d, ...shared } = parsed.output
  const [privateKey, publicKey] = await Promise.all([
    importJWK({ ...shared, d }, tokenAlgorithm),
    importJWK(shared, tokenAlgorithm),
  ])
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) {
    throw new Error('a key of tokens in the store is not of an elliptic curve')
  }
  return { privateKey, publicKey }
}
