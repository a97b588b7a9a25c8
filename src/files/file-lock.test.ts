import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from './file-error.ts'
import { withFileLock } from './file-lock.ts'

let directory: string
const children = new Set<ChildProcess>()
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-files-'))
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  await rm(directory, { recursive: true, force: true })
})

/** Starts a process that runs `script`, in which `withFileLock` is there. */
function startProcess(script: string): ChildProcess {
  const lockModule = JSON.stringify(new URL('file-lock.ts', import.meta.url).href)
  const source = `import { withFileLock } from ${lockModule}\nimport * as fs from 'node:fs/promises'\n${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.add(child)
  return child
}

async function outputLine(child: ChildProcess): Promise<string> {
  const data: unknown[] = await once(child.stdout ?? child, 'data')
  return data.join('').trim()
}

describe('withFileLock()', () => {
  test('lets four processes count without losing an increment', async () => {
    const path = join(directory, 'counter')
    await writeFile(path, '0')
    const script = `for (let i = 0; i < 50; i++) await withFileLock(${JSON.stringify(path)}, async () => {
      const count = Number(await fs.readFile(${JSON.stringify(path)}, 'utf8'))
      await fs.writeFile(${JSON.stringify(path)}, String(count + 1))
    })`
    const exits = Array.from({ length: 4 }, async () => {
      const child = startProcess(script)
      const errors: unknown[] = []
      child.stderr?.on('data', (data) => errors.push(data))
      await once(child, 'close')
      return errors.join('')
    })
    // Nothing on standard error: neither a failure nor a warning about node:sqlite.
    expect(await Promise.all(exits)).toEqual(['', '', '', ''])
    expect(await readFile(path, 'utf8')).toBe('200')
    expect((await readdir(directory)).toSorted()).toEqual(['.counter.lock', 'counter'])
  })

  test('gets the lock of a process that was killed while it held it', async () => {
    const path = join(directory, 'file')
    const holder = startProcess(`await withFileLock(${JSON.stringify(path)}, async () => {
      console.log('held')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    })`)
    expect(await outputLine(holder)).toBe('held')
    let got = false
    const waiting = Promise.withResolvers<void>()
    const locked = withFileLock(
      path,
      () => {
        got = true
        return Promise.resolve('mine')
      },
      { onWait: () => waiting.resolve() },
    )
    await waiting.promise
    expect(got).toBe(false)
    holder.kill('SIGKILL')
    expect(await locked).toBe('mine')
  })

  test('stops waiting for another process when the signal is aborted', async () => {
    const path = join(directory, 'file')
    const holder = startProcess(`await withFileLock(${JSON.stringify(path)}, async () => {
      console.log('held')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    })`)
    await outputLine(holder)
    const controller = new AbortController()
    const reason = new Error('enough')
    const locked = withFileLock(path, () => Promise.resolve(), {
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    })
    await expect(locked).rejects.toBe(reason)
  })

  test('runs one action at a time in one process, in the order of the calls, through links as well', async () => {
    const path = join(directory, 'file')
    await symlink('file', join(directory, 'link'))
    const seen: string[] = []
    const action = (name: string) => async (): Promise<void> => {
      seen.push(`${name} in`)
      await readdir(directory)
      seen.push(`${name} out`)
    }
    await Promise.all([
      withFileLock(path, action('a')),
      withFileLock(join(directory, 'link'), action('b')),
      withFileLock(path, action('c')),
    ])
    expect(
      seen
        .filter((_, index) => index % 2 === 0)
        .map((text) => text.slice(0, 1))
        .toSorted(),
    ).toEqual(['a', 'b', 'c'])
    for (let index = 0; index < 6; index += 2) {
      expect(seen[index + 1]).toBe(seen[index]?.replace('in', 'out'))
    }
  })

  test('leaves the queue when the signal is aborted, and lets those behind go on', async () => {
    const path = join(directory, 'file')
    const first = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const one = withFileLock(path, () => {
      entered.resolve()
      return first.promise
    })
    await entered.promise
    const controller = new AbortController()
    const two = withFileLock(path, () => Promise.resolve('two'), { signal: controller.signal })
    const three = withFileLock(path, () => Promise.resolve('three'))
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(two).rejects.toBe(reason)
    first.resolve()
    await one
    expect(await three).toBe('three')
  })

  test('puts one empty file beside the one it guards, also while it is held', async () => {
    const names = await withFileLock(join(directory, 'file'), () => readdir(directory))
    expect(names).toEqual(['.file.lock'])
    expect(await readFile(join(directory, '.file.lock'))).toHaveLength(0)
  })

  test('is free again after an action that failed', async () => {
    const path = join(directory, 'file')
    const failing = withFileLock(path, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await withFileLock(path, () => Promise.resolve('yes'))).toBe('yes')
  })

  test('takes locks of different files inside each other', async () => {
    const inner = async (): Promise<string> =>
      withFileLock(join(directory, 'b'), () => Promise.resolve('both'))
    expect(await withFileLock(join(directory, 'a'), inner)).toBe('both')
  })

  test('refuses a lock file that holds something else, and leaves it as it is', async () => {
    const foreign = join(directory, '.file.lock')
    await writeFile(foreign, 'these are somebody else’s bytes, and more of them than a header has'.repeat(10))
    const locked = withFileLock(join(directory, 'file'), () => Promise.resolve())
    await expect(locked).rejects.toThrow('is not a lock file')
    expect(await readFile(foreign, 'utf8')).toMatch(/^these are/)
  })

  test('says so when the directory is not there', async () => {
    const locked = withFileLock(join(directory, 'missing', 'file'), () => Promise.resolve())
    await expect(locked).rejects.toThrow(FileError)
  })
})
