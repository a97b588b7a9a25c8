import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileError } from '../../files/index.ts'
import { prepareDataDirectory } from './prepare-data-directory.ts'

let folder: string
let data: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-data-'))
  data = join(folder, 'new', 'data')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('makes the folder, for its owner alone, and says what it is', async () => {
  await prepareDataDirectory(data)
  expect((await stat(data)).mode & 0o777).toBe(0o700)
  expect(await formatOf(data)).toEqual({ format: 'lading-registry', version: 1 })
})

test('takes a data directory as it is, whatever it holds', async () => {
  await prepareDataDirectory(data)
  await writeFile(join(data, 'more'), '')
  await prepareDataDirectory(data)
  expect(await readdir(data)).toContain('more')
})

test('takes an empty folder, also the root of a volume and what a killed start left', async () => {
  await mkdir(join(data, 'lost+found'), { recursive: true })
  await writeFile(join(data, '.format.json.lock'), '')
  await writeFile(join(data, '.0123456789abcdef01234567.tmp'), '{"for')
  await prepareDataDirectory(data)
  expect(await formatOf(data)).toEqual({ format: 'lading-registry', version: 1 })
})

test('may be called by several at once', async () => {
  await Promise.all(Array.from({ length: 8 }, async () => prepareDataDirectory(data)))
  expect(await formatOf(data)).toEqual({ format: 'lading-registry', version: 1 })
})

test('refuses a folder that holds something else, and leaves it as it was', async () => {
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'thesis.tex'), '')
  await expect(prepareDataDirectory(data)).rejects.toThrow(
    `Cannot use ${data}: it is not empty and no data directory (it holds thesis.tex)`,
  )
  expect(await readdir(data)).toEqual(['thesis.tex'])
})

test.each([
  [
    'a later version',
    '{"format":"lading-registry","version":2}',
    'its format is 2, this Lading reads and writes 1',
  ],
  ['another format', '{"format":"something","version":1}', 'its format.json is not that of a registry'],
  ['no version', '{"format":"lading-registry"}', 'its format.json is not that of a registry'],
  ['half a file', '{"format":"lading-reg', 'its format.json is not that of a registry'],
  [
    'a large file',
    `${' '.repeat(5000)}{"format":"lading-registry","version":1}`,
    'is not that of a registry',
  ],
])('refuses %s', async (_, text, reason) => {
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'format.json'), text)
  const error = await prepareDataDirectory(data).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(FileError)
  expect(String(error)).toContain(reason)
  expect(await readFile(join(data, 'format.json'), 'utf8')).toBe(text)
})

test('says when there is a file in the way', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(prepareDataDirectory(join(folder, 'file'))).rejects.toThrow('there is a file of that name')
  await expect(prepareDataDirectory(join(folder, 'file', 'data'))).rejects.toThrow(
    'a part of the path is not a directory',
  )
})

test.skipIf(process.getuid?.() === 0)('says when the folder cannot be written', async () => {
  await chmod(folder, 0o500)
  await expect(prepareDataDirectory(data)).rejects.toThrow('permission denied')
  await chmod(folder, 0o700)
})

async function formatOf(directory: string): Promise<unknown> {
  return JSON.parse(await readFile(join(directory, 'format.json'), 'utf8'))
}
