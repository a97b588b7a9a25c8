import { describe, expect, test } from 'vitest'
import { asFileError, FileError } from './file-error.ts'

describe('asFileError()', () => {
  test.each([
    ['ENOSPC', 'Cannot write /x: no space left on device'],
    ['EACCES', 'Cannot write /x: permission denied'],
    ['EROFS', 'Cannot write /x: the file system is read-only'],
    ['EDQUOT', 'Cannot write /x: the disk quota is used up'],
    ['EWHATEVER', 'Cannot write /x: the file system says EWHATEVER'],
  ])('words %s', (code, message) => {
    const cause = Object.assign(new Error(code), { code, syscall: 'write' })
    const error = asFileError('write /x', cause)
    expect(error).toBeInstanceOf(FileError)
    expect(error).toMatchObject({ code: 'FILE', message, cause })
  })

  test('leaves errors alone that are not of the file system', () => {
    const own = new FileError('Cannot do that: no')
    const reason = new DOMException('stop', 'AbortError')
    expect(asFileError('write /x', own)).toBe(own)
    expect(asFileError('write /x', reason)).toBe(reason)
    expect(asFileError('write /x', 'text')).toBe('text')
  })
})
