import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpoolLimitError, spoolStream } from './spool-stream.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-files-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('spoolStream()', () => {
  test('keeps the stream in a file that only its owner may read, until it is closed', async () => {
    const spool = await spoolStream(Readable.from([Buffer.from('abc'), Buffer.from('def')]), {
      directory,
      limit: 6,
    })
    expect(spool.size).toBe(6)
    expect(await readFile(spool.path, 'utf8')).toBe('abcdef')
    expect((await stat(spool.path)).mode & 0o777).toBe(0o600)
    await spool.close()
    expect(await readdir(directory)).toEqual([])
  })

  test('stops a stream that is longer than the limit, and keeps nothing of it', async () => {
    let produced = 0
    const endless = new Readable({
      read() {
        produced += 1000
        this.push(Buffer.alloc(1000))
      },
    })
    await expect(spoolStream(endless, { directory, limit: 10_000 })).rejects.toThrow(SpoolLimitError)
    expect(produced).toBeLessThan(1_000_000)
    expect(endless.destroyed).toBe(true)
    expect(await readdir(directory)).toEqual([])
  })

  test('ends with the reason of an abort, and keeps nothing', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const silent = new Readable({ read: () => controller.abort(reason) })
    const spooling = spoolStream(silent, { directory, limit: 10, signal: controller.signal })
    await expect(spooling).rejects.toBe(reason)
    expect(await readdir(directory)).toEqual([])
  })

  test('destroys the stream when the directory is not there', async () => {
    const stream = Readable.from([Buffer.from('abc')])
    const missing = join(directory, 'missing')
    await expect(spoolStream(stream, { directory: missing, limit: 10 })).rejects.toThrow('Cannot write in')
    expect(stream.destroyed).toBe(true)
  })
})
