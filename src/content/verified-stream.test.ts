import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Descriptor, digestOf } from '../oci/index.ts'
import { bytesBody } from './body.ts'
import { DamagedContentError, LimitExceededError } from './errors.ts'
import { fetchBytes, fetchVerified } from './fetch-verified.ts'
import { verifiedStream } from './verified-stream.ts'

function descriptorOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Descriptor {
  return { mediaType: 'application/octet-stream', digest: digestOf(bytes, algorithm), size: bytes.length }
}

const bytes = Buffer.from('bill of lading')

describe('verifiedStream()', () => {
  test('passes every byte, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        async (chunks, algorithm) => {
          const whole = Buffer.concat(chunks)
          const stream = verifiedStream(
            Readable.from(chunks, { objectMode: false }),
            descriptorOf(whole, algorithm),
          )
          expect(await buffer(stream)).toEqual(whole)
        },
      ),
    )
  })

  test('refuses other bytes of the same length', async () => {
    const stream = verifiedStream(Readable.from([Buffer.from('bill of LADING')]), descriptorOf(bytes))
    await expect(buffer(stream)).rejects.toThrow(/the bytes have the digest sha256:/)
  })

  test('refuses a short body', async () => {
    const stream = verifiedStream(Readable.from([bytes.subarray(0, 5)]), descriptorOf(bytes))
    await expect(buffer(stream)).rejects.toThrow(/ends after 5 of the 14 bytes/)
  })

  test('stops at the first byte too many and destroys its source', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(1024))
      },
    })
    await expect(buffer(verifiedStream(endless, descriptorOf(bytes)))).rejects.toThrow(DamagedContentError)
    expect(endless.destroyed).toBe(true)
  })

  test('hands on the error of its source', async () => {
    const failing = new Readable({
      read() {
        this.destroy(new Error('cable cut'))
      },
    })
    await expect(buffer(verifiedStream(failing, descriptorOf(bytes)))).rejects.toThrow('cable cut')
  })
})

describe('fetchBytes()', () => {
  const fetcher = { fetch: () => bytesBody(bytes).open(0) }

  test('gives verified bytes', async () => {
    expect(await fetchBytes(fetcher, descriptorOf(bytes))).toEqual(bytes)
  })

  test('refuses what is larger than its limit without fetching it', async () => {
    const never = { fetch: () => Promise.reject(new Error('was fetched')) }
    await expect(fetchBytes(never, descriptorOf(bytes), { limit: 13 })).rejects.toThrow(LimitExceededError)
  })

  test('takes embedded data, but only when it is what the descriptor says', async () => {
    const never = { fetch: () => Promise.reject(new Error('was fetched')) }
    expect(await fetchBytes(never, { ...descriptorOf(bytes), data: bytes })).toEqual(bytes)
    const wrong = { ...descriptorOf(bytes), data: Buffer.from('bill of LADING') }
    await expect(fetchBytes(never, wrong)).rejects.toThrow(DamagedContentError)
  })

  test('ends in the reason of its signal, whatever the stream ends in', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const broken = new Readable({
      read() {
        controller.abort(reason)
        this.destroy(new Error('premature close'))
      },
    })
    const options = { signal: controller.signal }
    await expect(
      fetchBytes({ fetch: () => Promise.resolve(broken) }, descriptorOf(bytes), options),
    ).rejects.toBe(reason)
  })

  test('refuses a body that is not what the descriptor says', async () => {
    const other = { ...descriptorOf(Buffer.from('bill of LADING')) }
    await expect(fetchBytes(fetcher, other)).rejects.toThrow(DamagedContentError)
    await expect(fetchVerified(fetcher, other).then(buffer)).rejects.toThrow(DamagedContentError)
  })
})
