import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Lock, serializeLock } from '../../src/lock/index.ts'
import { buildImage, buildIndex, type FixtureImage } from '../fixtures/build-image.ts'
import { pushToRegistry } from '../fixtures/push-to-registry.ts'
import { type CliResult, runCli } from '../fixtures/run-cli.ts'
import { type ServeProcess, startServe } from '../fixtures/serve-process.ts'
import { startLading } from './lading-process.ts'
import { startStallingRegistry } from './stalling-registry.ts'

const image = buildImage({ layers: [{ large: 'x'.repeat(10_000) }] })
const index = buildIndex([image, buildImage({ platform: { os: 'linux', architecture: 'arm64' } })])
const signature = buildImage({ subject: index.descriptor, annotations: { what: 'a signature' } })

let mirror: ServeProcess
let project: string

beforeAll(async () => {
  mirror = await startServe()
})
afterAll(async () => {
  await mirror.stop()
})
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'lading-mirror-'))
})
afterEach(async () => {
  await rm(project, { recursive: true })
})

describe('lading mirror, between servers of its own', () => {
  test('brings an image with its signature to where it is pulled from when the other server is gone', async () => {
    const upstream = await startServe()
    const key = `${upstream.host}/team/app:1`
    await pushToRegistry(upstream.host, { 'team/app:1': index, 'team/app': signature })
    await writeLock({ [key]: index })
    expect(await lading('mirror', '--to', `${mirror.host}/m`)).toMatchObject({ exitCode: 0 })
    await upstream.stop()

    const there = `${mirror.host}/m/${upstream.host.replace(':', '_')}/team/app`
    const { stdout } = await lading('resolve', `${there}:1`)
    expect(stdout).toContain(index.descriptor.digest)
    const referrers = await lading('referrers', '--json', `${there}:1`)
    expect(referrers.stdout).toContain(signature.descriptor.digest)
    expect(await lading('copy', '--dry-run', `${there}:1`, `oci:${join(project, 'out')}`)).toMatchObject({
      exitCode: 0,
    })
    const again = await lading('mirror', '--to', `${mirror.host}/m`)
    expect(again.exitCode).toBe(3)
    expect(again.stderr).toContain(`not copied, 1 of 1 image: ${key}`)
  }, 30_000)

  test('shows nothing of an image when it is killed in the middle of it', async () => {
    await using registry = await startStallingRegistry(image)
    await writeLock({ [`${registry.host}/team/app:1`]: image })
    const words = ['mirror', '--project', project, '--to', `${mirror.host}/killed`]
    const killed = startLading(words)
    await registry.stalled
    killed.process.kill('SIGKILL')
    await killed.exit
    const there = `${mirror.host}/killed/${registry.host.replace(':', '_')}/team/app`
    for (const name of [`${there}:1`, `${there}@${image.descriptor.digest}`])
      expect(await lading('resolve', name)).toMatchObject({ exitCode: 3, stdout: '' })
  }, 30_000)
})

function lading(...words: readonly string[]): Promise<CliResult> {
  return runCli(words, { directory: project })
}

async function writeLock(images: Readonly<Record<string, FixtureImage>>): Promise<void> {
  const entries = Object.entries(images).map(([key, { descriptor }]): [string, Lock['images'][string]] => [
    key,
    {
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      size: descriptor.size,
      resolvedAt: '2026-02-03T04:05:06Z',
      platforms: {},
      usedBy: ['Dockerfile#FROM'],
      signatures: { status: 'none-found', searched: ['registry'], acceptedBy: 'first-use' },
    },
  ])
  await writeFile(
    join(project, 'lading.lock'),
    serializeLock({ images: Object.fromEntries(entries), signers: {} }),
  )
}
