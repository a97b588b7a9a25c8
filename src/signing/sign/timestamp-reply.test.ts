import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distinguishedName } from '../../../test/fixtures/sigstore/certificate.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { timestampResponse } from '../../../test/fixtures/sigstore/timestamp.ts'
import { octets, oid, sequence } from '../../../test/fixtures/sigstore/write-der.ts'
import { DerError } from '../bundle/read-der.ts'
import { checkTimestampReply } from './timestamp-reply.ts'
import { writeDerInteger } from './write-der.ts'

const data = Buffer.from('a signature')
const imprint = sequence(
  sequence(oid('2.16.840.1.101.3.4.2.1')),
  octets(createHash('sha256').update(data).digest()),
)
const nonce = writeDerInteger(Buffer.from('0102030405060708', 'hex'))
const signer = {
  key: keyPair(),
  issuer: distinguishedName({ commonName: 'time' }),
  serial: writeDerInteger(Buffer.of(1)),
}
const reply = timestampResponse(signer, data, new Date('2026-03-04T05:06:07Z'), { nonce })

test('takes a granted timestamp over what was asked', () => {
  expect(() => checkTimestampReply(reply, imprint, nonce)).not.toThrow()
})

test.each([0, 1])('takes the status %d', (status) => {
  const granted = timestampResponse(signer, data, new Date(), { nonce, status })
  expect(() => checkTimestampReply(granted, imprint, nonce)).not.toThrow()
})

test.each([2, 3, 4, 5, 256])('refuses the status %d', (status) => {
  const refused = timestampResponse(signer, data, new Date(), { nonce, status })
  expect(() => checkTimestampReply(refused, imprint, nonce)).toThrow('the authority refuses')
})

test('of a reply that was changed or cut it knows no other error, and no other nonce or digest', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: reply.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (at, by, cut) => {
        const changed = cut ? reply.subarray(0, at) : Buffer.from(reply)
        if (!cut) changed[at] = (changed[at] ?? 0) ^ by
        const problem = problemOf(changed)
        const keepsBoth = changed.includes(nonce) && changed.includes(imprint.subarray(-32))
        expect(problem === undefined ? keepsBoth : problem instanceof DerError).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
})

test('of any bytes it knows no other error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(problemOf(Buffer.from(bytes))).toBeInstanceOf(DerError)
    }),
  )
})

function problemOf(bytes: Buffer): unknown {
  try {
    checkTimestampReply(bytes, imprint, nonce)
    return undefined
  } catch (error) {
    return error
  }
}
