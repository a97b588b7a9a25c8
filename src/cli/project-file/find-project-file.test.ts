import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findProjectFile } from './find-project-file.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-find-'))
  await mkdir(join(root, 'a', 'b', 'c'), { recursive: true })
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

describe('findProjectFile()', () => {
  test('finds the nearest file above', async () => {
    await writeFile(join(root, 'lading.yaml'), '')
    expect(findProjectFile(join(root, 'a', 'b'))).toBe(join(root, 'lading.yaml'))
    await writeFile(join(root, 'a', 'lading.yaml'), '')
    expect(findProjectFile(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a', 'lading.yaml'))
    expect(findProjectFile(root)).toBe(join(root, 'lading.yaml'))
  })

  test.each([
    ['folder', (path: string) => mkdir(path)],
    ['file, as worktrees have it', (path: string) => writeFile(path, 'gitdir: x')],
  ])("looks no further than the repository's root, its .git a %s", async (_, make) => {
    await writeFile(join(root, 'lading.yaml'), '')
    await make(join(root, 'a', '.git'))
    expect(findProjectFile(join(root, 'a', 'b'))).toBeUndefined()
    await writeFile(join(root, 'a', 'lading.yaml'), '')
    expect(findProjectFile(join(root, 'a', 'b'))).toBe(join(root, 'a', 'lading.yaml'))
  })

  test('takes none from above out of a folder that anybody may write to', async () => {
    await writeFile(join(root, 'a', 'lading.yaml'), '')
    await chmod(join(root, 'a'), 0o1777)
    expect(findProjectFile(join(root, 'a', 'b'))).toBeUndefined()
    expect(findProjectFile(join(root, 'a'))).toBe(join(root, 'a', 'lading.yaml'))
  })

  test('finds nothing in a folder that is not there', () => {
    expect(findProjectFile('/nonexistent/a')).toBeUndefined()
  })
})
