import { describe, expect, test } from 'vitest'
import type { ListedFile } from '../listing/listed-file.ts'
import { fileLine, fileTime, LongFileLines } from './file-lines.ts'
import { createStyle } from './style.ts'

const plain = createStyle(false)
const file: ListedFile = {
  path: 'a',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 1,
  mtime: 0,
  linkPath: '',
  device: undefined,
  layer: 0,
}

test.each([
  ['etc/x', '/etc/x'],
  ['a\nb', String.raw`/a\x0ab`],
  ['caf\udce9/\udcff', String.raw`/caf\xe9/\xff`],
  ['smile 😀', '/smile 😀'],
])('fileLine() shows %j', (path, expected) => {
  expect(fileLine({ ...file, path }, plain)).toBe(expected)
})

describe('LongFileLines', () => {
  test.each<[Partial<ListedFile>, string]>([
    [{ mode: 0o4755 }, '-rwsr-xr-x'],
    [{ mode: 0o2644 }, '-rw-r-Sr--'],
    [{ type: 'directory', mode: 0o1777 }, 'drwxrwxrwt'],
    [{ mode: 0o1000 }, '---------T'],
    [{ type: 'fifo', mode: 0o600 }, 'prw-------'],
    [{ type: 'character-device', device: { major: 1, minor: 3 } }, 'crw-r--r--  0:0     1,3'],
    [{ mtime: 1_700_000_000.5, layer: 12 }, '-rw-r--r--  0:0       1  2023-11-14 22:13     12  /a'],
    [{ mtime: 1e300 }, '-rw-r--r--  0:0       1  -                     0  /a'],
  ])('shows %j as %s', (changes, expected) => {
    expect(new LongFileLines(plain).line({ ...file, ...changes })).toMatch(expected)
  })
})

test.each([
  [1.5, '1970-01-01T00:00:01.500Z'],
  [-1, '1969-12-31T23:59:59.000Z'],
  [Number.NaN, undefined],
  [1e20, undefined],
])('fileTime(%d)', (seconds, expected) => {
  expect(fileTime(seconds)).toBe(expected)
})
