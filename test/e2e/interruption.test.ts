import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildImage } from '../fixtures/build-image.ts'
import { writeTar } from '../fixtures/write-tar.ts'
import { startLading } from './lading-process.ts'
import { startStallingRegistry } from './stalling-registry.ts'

const image = buildImage({ layers: [{ first: 'x', large: noise(1_000_000), last: 'y' }] })

describe('interrupted in the middle', () => {
  let directory: string
  let output: string
  let temporary: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
    output = join(directory, 'output')
    temporary = join(directory, 'temporary')
    await mkdir(output)
    await mkdir(temporary)
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  test.each<[string, (name: string) => readonly string[], NodeJS.Signals, number]>([
    ['export', (name) => ['export', name, '-o', join(output, 'root.tar')], 'SIGINT', 130],
    ['export, compressed', (name) => ['export', name, '-o', join(output, 'root.tar.gz')], 'SIGTERM', 143],
    ['save', (name) => ['save', name, '-o', join(output, 'image.tar')], 'SIGINT', 130],
    ['cat', (name) => ['cat', '--verify', name, '/large'], 'SIGINT', 130],
    ['cat of several files', (name) => ['cat', name, '/last', '/first'], 'SIGINT', 130],
    ['files', (name) => ['files', '--json', name], 'SIGTERM', 143],
  ])('%s leaves nothing behind', async (_verb, words, signal, code) => {
    await using registry = await startStallingRegistry(image)
    const lading = startLading(words(`${registry.host}/team/app:1`), { environment: { TMPDIR: temporary } })
    await registry.stalled
    lading.process.kill(signal)
    const exit = await lading.exit
    expect(exit.code).toBe(code)
    expect(exit.stderr).toMatch(/^error: Interrupted\n$/m)
    expect(await readdir(output)).toEqual([])
    expect(await readdir(temporary)).toEqual([])
  })

  test('load leaves nothing behind', async () => {
    const archive = writeTar({ large: noise(2_000_000) })
    const lading = startLading(['load', `oci-archive:${join(output, 'image.tar')}`], {
      environment: { TMPDIR: temporary },
    })
    // More than a pipe holds: when it is written, most of it is read.
    const { promise: written, resolve } = Promise.withResolvers<void>()
    lading.stdin.write(archive.subarray(0, 1_000_000), () => resolve())
    await written
    lading.process.kill('SIGINT')
    expect(await lading.exit).toEqual({ code: 130, signal: null, stderr: 'error: Interrupted\n' })
    expect(await readdir(output)).toEqual([])
    expect(await readdir(temporary)).toEqual([])
  })
})

/** Bytes that do not compress, always the same. */
function noise(length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, number) =>
    createHash('sha256').update(String(number)).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}
