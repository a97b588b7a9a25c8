import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  firstImage,
  type LockedProject,
  openLockedProject,
  secondImage,
} from '../../../test/fixtures/locked-project.ts'

const { digest } = firstImage.descriptor
let project: LockedProject
let name: string

beforeEach(async () => {
  project = await openLockedProject()
  name = await project.publish('app', { 1: firstImage, latest: firstImage })
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
})

describe('lading pin', () => {
  test('writes digests behind the tags, and nothing else; check stays green', async () => {
    const source = `# escape=\\\r\n# a comment\r\nFROM   ${name}:1 AS build\r\nCOPY --from=${name} /a /b\r\n`
    await project.write({ Dockerfile: source })
    await project.run('lock')
    const lock = await project.read('lading.lock')
    const { stdout, stderr, exitCode } = await project.run('pin')
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: 'wrote 2 places in 1 file\n',
      stderr: '',
      exitCode: 0,
    })
    expect(await project.read('Dockerfile')).toBe(
      source.replace(':1 AS', `:1@${digest} AS`).replace(`=${name} `, `=${name}:latest@${digest} `),
    )
    expect((await project.run('check')).exitCode).toBe(0)
    expect((await project.run('lock', '--check')).exitCode).toBe(0)
    expect(await project.read('lading.lock')).toBe(lock)
    expect((await project.run('pin')).stdout).toBe('there is nothing to write\n')
    expect(await readdir(project.folder)).toEqual(['Dockerfile', 'lading.lock'])
  })

  test('writes the default of the ARG that is the whole image, once', async () => {
    await project.write({ Dockerfile: `ARG BASE=${name}:1\nFROM \${BASE} AS a\nFROM $BASE\n` })
    await project.run('lock')
    await project.run('pin')
    expect(await project.read('Dockerfile')).toBe(
      `ARG BASE=${name}:1@${digest}\nFROM \${BASE} AS a\nFROM $BASE\n`,
    )
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('leaves check green where places are told apart by their images', async () => {
    await project.publish('app', { 2: secondImage })
    await project.write({ Dockerfile: `FROM ${name}:1\nFROM ${name}:2\n` })
    await project.run('lock')
    await project.run('pin')
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('says what cannot be pinned, and pins the rest', async () => {
    await project.write({ Dockerfile: `ARG V=1\nFROM ${name}:\${V}\nFROM ${name}:latest\n` })
    await project.run('lock')
    const { stderr, exitCode } = await project.run('pin')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^Dockerfile:2:6: .* cannot be pinned: /)
    expect(await project.read('Dockerfile')).toContain(`:latest@${digest}\n`)
  })

  test('shows the diff and writes nothing where that is asked for', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    const { stdout } = await project.run('pin', '--dry-run')
    expect(stdout).toBe(
      `--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,1 +1,1 @@\n-FROM ${name}:1\n+FROM ${name}:1@${digest}\n`,
    )
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1\n`)
  })

  test('writes nothing where an image is not in the lock', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    await project.write({ Dockerfile: `FROM ${name}:1\nFROM redis:7\n` })
    const { stderr, exitCode } = await project.run('pin')
    expect(exitCode).toBe(1)
    expect(stderr).toBe('Dockerfile:2:6: redis:7 is not in the lock; try: lading lock\n')
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1\nFROM redis:7\n`)
  })

  test('writes nothing by a lock that a merge left two answers in', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    const text = await project.read('lading.lock')
    const other = text.replace(digest, secondImage.descriptor.digest)
    await project.write({ 'lading.lock': `<<<<<<< a\n${text}=======\n${other}>>>>>>> b\n` })
    const { stderr, exitCode } = await project.run('pin')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('has conflict markers of a merge\n  try: lading lock')
    expect((await project.run('check')).exitCode).toBe(1)
  })

  test('puts the digest of the lock in place of another', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    await project.write({ Dockerfile: `FROM ${name}:1@${secondImage.descriptor.digest}\n` })
    expect((await project.run('check')).stdout).toContain('the lock has')
    await project.run('pin')
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1@${digest}\n`)
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('says for programs what it did', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    const { stdout } = await project.run('pin', '--json')
    expect(JSON.parse(stdout)).toEqual({
      written: true,
      files: [{ file: 'Dockerfile', places: 1 }],
      refused: [],
      notLocked: [],
    })
  })
})

describe('lading unpin', () => {
  test('takes the digests out again, and the lock keeps them', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\nFROM ${name}@${digest}\n` })
    await project.run('lock')
    await project.run('pin')
    await project.publish('app', { 1: secondImage })
    const { stdout, stderr } = await project.run('unpin')
    expect(stdout).toBe('wrote 1 place in 1 file\n')
    expect(stderr).toContain('cannot be unpinned: it has no tag')
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1\nFROM ${name}@${digest}\n`)
    expect((await project.run('check')).exitCode).toBe(0)
  })
})
