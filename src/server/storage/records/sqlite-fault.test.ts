import { expect, test } from 'vitest'
import { FileError } from '../../../files/index.ts'
import { asOpenError, asRecordsError } from './sqlite-fault.ts'

test.each([
  [13, "the registry's disk is full"],
  [4874, "the registry's disk is full"],
  [778, "the registry's disk reports an error"],
  [8, "the registry's disk is read-only"],
  [26, 'it is no database, or a damaged one'],
])('the result code %d says that %s', (errcode, reason) => {
  const error = asOpenError('records.db', Object.assign(new Error('disk I/O error'), { errcode }))
  expect(error).toBeInstanceOf(FileError)
  expect(error).toHaveProperty('message', `Cannot open records.db: ${reason}`)
  expect(asRecordsError('read records', { message: 'x', resultCode: errcode })).toMatchObject({
    code: 'UNAVAILABLE',
    message: `Cannot read records: ${reason}`,
  })
})
