import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestMembers } from './request-record.ts'

const text = fc.string({ unit: 'binary' })
const count = fc.nat()

test('requestMembers() writes what JSON.stringify() does', () => {
  const records = fc.record({
    id: text,
    method: text,
    path: text,
    route: text,
    repository: fc.option(text, { nil: undefined }),
    status: fc.option(count, { nil: undefined }),
    received: count,
    sent: count,
    ms: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map((ms) => Math.round(ms * 10) / 10),
    user: fc.option(text, { nil: undefined }),
    client: text,
    msg: text,
  })
  fc.assert(
    fc.property(records, (record) => {
      fc.pre(Number.isFinite(record.ms))
      expect(`{${requestMembers(record).slice(1)}}`).toBe(JSON.stringify(record))
    }),
  )
})
