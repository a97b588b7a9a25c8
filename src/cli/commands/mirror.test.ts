import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import {
  firstImage,
  type LockedProject,
  openLockedProject,
  secondImage,
} from '../../../test/fixtures/locked-project.ts'

const { digest } = firstImage.descriptor
let project: LockedProject
let mirror: MemoryRegistry
let name: string
let path: string

beforeEach(async () => {
  project = await openLockedProject()
  mirror = await startMemoryRegistry()
  name = await project.publish('app', { 1: firstImage })
  path = `x/${name.replace(':', '_')}`
  await project.sign('app', firstImage, 'me/app')
  await project.write({
    Dockerfile: `FROM ${name}:1\n`,
    'lading.yaml': `lock:\n  mirror: ${mirror.host}/x\n`,
  })
  await project.run('lock')
})
afterEach(async () => {
  await mirror.close()
  await project[Symbol.asyncDispose]()
})

describe('lading mirror', () => {
  test('copies what is locked, not what the tag is by now, with its signature; and once', async () => {
    await project.publish('app', { 1: secondImage })
    const { stdout, exitCode } = await project.run('mirror')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(`${name}:1  ${mirror.host}/${path}:1\n`)
    expect(mirror.tags(path).get('1')).toBe(digest)
    const { stdout: referrers } = await project.run('referrers', '--json', `${mirror.host}/${path}@${digest}`)
    expect(referrers).toContain('vnd.dev.sigstore.bundle')
    expect((await project.run('mirror')).stderr).toContain('0 manifests and 0 blobs copied')
  })

  test('has what is gone upstream, as check knows; and is what is emitted', async () => {
    await project.run('mirror')
    await project.run('delete', '--apply', `${name}@${digest}`)
    const { stdout, exitCode } = await project.run('check', '--online')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`; ${mirror.host}/x has it`)
    const emitted = await project.run('lock', '--emit', 'buildkit-policy')
    expect(emitted.stdout).toContain(`docker-image://${mirror.host}/${path}:1@${digest}`)
  })

  test('copies nothing in a dry run, and says for programs what it would', async () => {
    const { stdout } = await project.run('mirror', '--dry-run', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      images: [{ image: `${name}:1`, mirror: `${mirror.host}/${path}:1`, digest }],
    })
    expect(mirror.tags(path).size).toBe(0)
  })

  test('fails with what could not be copied', async () => {
    await project.registry.close()
    const { stderr, exitCode } = await project.run('mirror')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('error: Cannot ')
  })

  test('wants to know where to', async () => {
    await project.write({ 'lading.yaml': '' })
    expect((await project.run('mirror')).exitCode).toBe(2)
  })
})
