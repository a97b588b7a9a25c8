import { describe, expect, it } from 'vitest'
import { parseContentRange } from './parse-content-range.ts'

describe('parseContentRange()', () => {
  it.each([
    ['0-9', 10, { start: 0, end: 9 }],
    ['10-19', undefined, { start: 10, end: 19 }],
  ])('reads %j', (header, length, range) => {
    expect(parseContentRange(header, length)).toEqual(range)
  })

  it.each([
    '',
    '-',
    '5',
    '9-0',
    '0--1',
    '0-9, 10-19',
    'a-b',
    'bytes 0-9/10',
    '0x0-0x9',
    '0-9999999999999999',
  ])('refuses %j', (header) => {
    expect(() => parseContentRange(header, undefined)).toThrow(
      expect.objectContaining({ code: 'BLOB_UPLOAD_INVALID', status: 400 }),
    )
  })

  it('refuses a range of another length than the body is said to have', () => {
    expect(() => parseContentRange('0-9', 9)).toThrow(expect.objectContaining({ code: 'SIZE_INVALID' }))
  })
})
