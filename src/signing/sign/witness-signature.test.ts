import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LogWitness, MadeSignature, SignedContent, TimestampWitness } from './types.ts'
import { witnessSignature } from './witness-signature.ts'

const content: SignedContent = { kind: 'message', bytes: Buffer.from('x') }
const made: MadeSignature = {
  signature: Buffer.from('s'),
  hash: 'sha256',
  material: { kind: 'key', publicKeyPem: '' },
}

function log(witness: LogWitness['witness']): LogWitness {
  return { url: 'https://log.example', witness }
}

function authority(timestamp: TimestampWitness['timestamp']): TimestampWitness {
  return { url: 'https://time.example', timestamp }
}

test('no log is written to before the time is proved', async () => {
  const order: string[] = []
  const time = authority(async () => {
    await setImmediate()
    order.push('time')
    return Buffer.of(1)
  })
  const entry = log(() => {
    order.push('log')
    return Promise.resolve('entry')
  })
  const testimony = await witnessSignature(
    content,
    made,
    { logs: [entry], timestampAuthorities: [time, time] },
    {},
  )
  expect(testimony).toEqual({ entries: ['entry'], timestamps: [Buffer.of(1), Buffer.of(1)] })
  expect(order).toEqual(['time', 'time', 'log'])
})

test('an authority that fails leaves the logs unasked', async () => {
  const failure = new Error('no time')
  const logs = [log(() => Promise.reject(new Error('asked')))]
  await expect(
    witnessSignature(
      content,
      made,
      { logs, timestampAuthorities: [authority(() => Promise.reject(failure))] },
      {},
    ),
  ).rejects.toBe(failure)
})

test('when one log fails, the others are stopped and waited for', async () => {
  const failure = new Error('full')
  const { promise: stopped, resolve } = Promise.withResolvers<unknown>()
  const slow = log(async (_, __, { signal } = {}) => {
    const { promise, reject } = Promise.withResolvers<never>()
    signal?.addEventListener('abort', () => {
      resolve(signal.reason)
      reject(new Error('stopped'))
    })
    return promise
  })
  const logs = [slow, log(() => Promise.reject(failure))]
  await expect(witnessSignature(content, made, { logs, timestampAuthorities: [] }, {})).rejects.toBe(failure)
  await expect(stopped).resolves.toBe(failure)
})

test("an abort gives the caller's reason", async () => {
  const controller = new AbortController()
  const reason = new Error('stop')
  const logs = [
    log((_, __, { signal } = {}) => {
      controller.abort(reason)
      signal?.throwIfAborted()
      return Promise.resolve()
    }),
  ]
  await expect(
    witnessSignature(content, made, { logs, timestampAuthorities: [] }, { signal: controller.signal }),
  ).rejects.toBe(reason)
})
