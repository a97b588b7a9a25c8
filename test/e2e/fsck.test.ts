import { mkdir, mkdtemp, open, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { indexOf, named, pushImage } from '../fixtures/aging-registry.ts'
import { runCli } from '../fixtures/run-cli.ts'
import { digestHex, digestOf } from '../../src/oci/index.ts'
import { openStorage } from '../../src/server/storage/open-storage.ts'
import { decodeContent } from '../../src/server/storage/registry/blob-record.ts'
import { contentKey, holderKey, tagKey } from '../../src/server/storage/registry/keys.ts'

const app = named('team/app')
const other = named('other')
const layer = digestOf(Buffer.from('one'))
let directory: string
let manifests: { readonly one: string; readonly index: string }

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'lading-fsck-')), 'registry')
  const opened = await openStorage(directory)
  try {
    const one = await pushImage(opened.storage, app, ['config', 'one'], ['one'])
    await pushImage(opened.storage, other, ['config', 'two'], ['latest'])
    const index = indexOf(one)
    await opened.storage.manifests.put(app, { ...index, tags: ['v1', 'v2'] })
    manifests = { one: one.digest, index: index.digest }
  } finally {
    await opened.close()
  }
})

afterEach(async () => {
  await rm(join(directory, '..'), { recursive: true, force: true })
})

/** The file of a blob. */
async function fileOf(text: string): Promise<string> {
  const digest = digestOf(Buffer.from(text))
  const opened = await openStorage(directory)
  try {
    const content = await opened.records.get(contentKey(digest))
    if (content === undefined) throw new Error(`there is no ${digest}`)
    const { key } = decodeContent(content)
    return join(directory, 'blobs', 'sha256', digestHex(digest).slice(0, 2), key.slice('sha256/'.length))
  } finally {
    await opened.close()
  }
}

async function flipByte(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.write(Buffer.from('O'), 0, 1, 0)
}

describe('lading fsck', () => {
  test('says that all is well', async () => {
    const result = await runCli(['fsck', '--data', directory])
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toMatch(
      /^checked 4 tags, 3 manifests, 3 blobs \(12 B\), \d+ records: nothing is damaged\n$/,
    )
  })

  test('finds a flipped byte, and names repository, manifests and tags that need it', async () => {
    await flipByte(await fileOf('one'))
    const result = await runCli(['fsck', '--data', directory])
    expect(result.exitCode).toBe(1)
    const actual = digestOf(Buffer.from('One'))
    expect(result.stdout.split('\n')).toEqual([
      expect.stringMatching(/^PROBLEM +WHERE +DETAIL$/),
      `blob damaged  ${layer}  the bytes have the digest ${actual}`,
      `${layer} hurts`,
      '  team/app: one, v1, v2 (2 manifests)',
      expect.stringMatching(/^checked .*: 1 damaged$/),
      '',
    ])
  })

  test('finds a missing file, a damaged record, a missing edge and an orphan in one go, as one JSON object', async () => {
    await rm(await fileOf('one'))
    const orphan = join(directory, 'blobs', 'sha256', 'ab', `ab${'0'.repeat(62)}-${'0'.repeat(12)}`)
    const opened = await openStorage(directory)
    await opened.records.write([
      { kind: 'put', key: tagKey(other, 'latest'), value: Buffer.from('{"digest":1}') },
      { kind: 'delete', key: holderKey(digestOf(Buffer.from('two')), other) },
    ])
    await opened.close()
    await mkdir(join(orphan, '..'), { recursive: true })
    await writeFile(orphan, 'orphan')
    await utimes(orphan, 0, 0)

    const result = await runCli(['fsck', '--data', directory, '--json'])
    expect(result.exitCode).toBe(1)
    const report: unknown = JSON.parse(result.stdout)
    expect(report).toMatchObject({
      directory,
      damaged: 3,
      unreadable: 0,
      leftover: 1,
      checked: { contents: 3 },
    })
    expect(report).toHaveProperty('findings', [
      expect.objectContaining({ rule: 'edge-missing' }),
      expect.objectContaining({ rule: 'record-damaged', key: tagKey(other, 'latest') }),
      expect.objectContaining({
        rule: 'content-damaged',
        problem: { state: 'missing' },
        hurts: [{ repository: app, manifests: [manifests.one, manifests.index], tags: ['one', 'v1', 'v2'] }],
      }),
      expect.objectContaining({ rule: 'file-orphaned', size: 6 }),
    ])
  })

  test('prints only what is damaged with --quiet', async () => {
    await flipByte(await fileOf('one'))
    expect(await runCli(['fsck', '--data', directory, '-q'])).toMatchObject({
      exitCode: 1,
      stdout: `${layer}\n`,
    })
  })

  test('works beside a process that has the data open, and changes nothing', async () => {
    const opened = await openStorage(directory)
    try {
      expect((await runCli(['fsck', '--data', directory])).exitCode).toBe(0)
      await pushImage(opened.storage, app, ['three'], ['three'])
      expect((await runCli(['fsck', '--data', directory])).exitCode).toBe(0)
    } finally {
      await opened.close()
    }
  })

  test('says that it could not tell where a file cannot be read, or the database of records', async () => {
    const file = await fileOf('one')
    await rm(file)
    // No link is followed out of the data directory.
    await symlink('/dev/null', file)
    const result = await runCli(['fsck', '--data', directory])
    expect(result.exitCode).toBe(3)
    expect(result.stdout).toContain(`blob unreadable  ${layer}`)
    expect(result.stdout).toMatch(/: nothing is damaged, 1 could not be read\n$/)

    await writeFile(join(directory, 'records.db'), 'garbage')
    expect(await runCli(['fsck', '--data', directory])).toMatchObject({ exitCode: 3, stdout: '' })
  })

  test('says that it could not tell where there is no registry, and makes none', async () => {
    const result = await runCli(['fsck'], { environment: { XDG_DATA_HOME: join(directory, 'nowhere') } })
    expect(result).toMatchObject({ exitCode: 3, stdout: '' })
    expect(result.stderr).toContain(
      `${join(directory, 'nowhere', 'lading', 'registry')}: it holds no registry`,
    )
    await expect(open(join(directory, 'nowhere'))).rejects.toThrow('ENOENT')
  })
})
