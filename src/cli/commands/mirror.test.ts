import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, type FixtureContent, type FixtureImage } from '../../../test/fixtures/build-image.ts'
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
    expect(stdout).toContain(`note: ${name}:1 was ${digest} when it was locked`)
    expect((await project.run('check', '--online', '--fail-on', 'moved')).exitCode).toBe(0)
    expect((await project.run('mirror')).exitCode).toBe(0)
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

  test('gives an image its tag last, when its signature is there', async () => {
    await project.run('mirror')
    const puts = mirror.requests.filter(
      ({ method, path: at }) => method === 'PUT' && at.includes('/manifests/'),
    )
    const names = puts.map(({ path: at }) => at.split('/').at(-1))
    expect(names.at(-1)).toBe('1')
    expect(names.slice(0, -1)).toContain(digest)
    expect(names.length).toBeGreaterThan(names.indexOf(digest) + 2)
  })

  test('copies the others where one fails, says which, and then only what is missing', async () => {
    const { platform, layer } = otherImage()
    const other = await project.publish('other', { 1: platform })
    await project.write({ Dockerfile: `FROM ${name}:1 AS a\nFROM ${other}:1\n` })
    await project.run('lock')
    project.registry.damage(layer.descriptor.digest, Buffer.from('damaged'))
    const { stderr, stdout, exitCode } = await project.run('mirror')
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`not copied, 1 of 2 images: ${other}:1`)
    expect(stdout).toBe(`${name}:1  ${mirror.host}/${path}:1\n`)
    expect(mirror.tags(`x/${other.replace(':', '_')}`).size).toBe(0)

    project.registry.damage(layer.descriptor.digest, layer.bytes)
    mirror.requests.splice(0)
    const again = await project.run('mirror')
    expect(again.exitCode).toBe(0)
    expect(mirror.tags(`x/${other.replace(':', '_')}`).get('1')).toBe(platform.descriptor.digest)
    const written = mirror.requests.filter(({ method }) => method === 'PUT' || method === 'POST')
    expect(written.every(({ path: at }) => at.includes('/other/'))).toBe(true)
  })

  test('tags by its digest what the sources pin besides', async () => {
    const second = secondImage.descriptor.digest
    await project.publish('app', { 1: secondImage })
    await project.sign('app', secondImage, 'me/app')
    await project.write({ Dockerfile: `FROM ${name}:1 AS a\nFROM ${name}:1@${second}\n` })
    expect((await project.run('lock')).exitCode).toBe(0)
    expect((await project.run('mirror')).exitCode).toBe(0)
    expect([...mirror.tags(path)]).toEqual(
      expect.arrayContaining([
        ['1', digest],
        [`lading-${second.replace(':', '-')}`, second],
      ]),
    )
  })

  test('moves a tag to what the lock has now', async () => {
    await project.run('mirror')
    await project.publish('app', { 1: secondImage })
    await project.sign('app', secondImage, 'me/app')
    await project.run('update')
    await project.run('mirror')
    expect(mirror.tags(path).get('1')).toBe(secondImage.descriptor.digest)
    expect((await project.run('resolve', `${mirror.host}/${path}@${digest}`)).exitCode).toBe(0)
  })

  test('proves what is locked when everything upstream is gone', async () => {
    await project.run('mirror')
    for (const { descriptor } of [firstImage, ...firstImage.images])
      await project.run('delete', '--apply', `${name}@${descriptor.digest}`)
    const { stdout, exitCode } = await project.run('check', '--verify')
    expect({ stdout, exitCode }).toEqual({
      stdout: 'ok  lading.lock agrees with the sources: 1 image\n',
      exitCode: 0,
    })
  })

  test('is asked by check, which cannot tell where it does not answer, and says the rest', async () => {
    const other = await project.publish('other', { 1: firstImage })
    await project.write({ Dockerfile: `FROM ${name}:1 AS a\nFROM ${other}:1\n` })
    await project.run('lock')
    await project.publish('other', { 1: secondImage })
    await project.run('delete', '--apply', `${name}@${digest}`)
    await mirror.close()
    const { exitCode, stderr, stdout } = await project.run('check', '--online')
    expect(exitCode).toBe(3)
    expect(stderr).toContain(mirror.host)
    expect(stdout).toContain(`warning: ${other}:1 was ${digest}`)
    expect(stdout).not.toContain('which the registry does not have any more')
  })

  test('is named in lading.yaml with its registry', async () => {
    await project.write({ 'lading.yaml': 'lock:\n  mirror: mirror\n' })
    const { exitCode, stderr } = await project.run('mirror')
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('line 2: lock.mirror: Cannot take "mirror" for a mirror')
    expect(stderr).toContain('it does not begin with a registry')
  })

  test('refuses a lock in which a merge left two answers', async () => {
    const lock = await project.read('lading.lock')
    const line = `    digest: ${digest}\n`
    await project.write({
      'lading.lock': lock.replace(
        line,
        `<<<<<<< a\n${line}=======\n    digest: ${secondImage.descriptor.digest}\n>>>>>>> b\n`,
      ),
    })
    const { stderr, exitCode } = await project.run('mirror')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('a merge left two answers in it')
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

/** An image that shares nothing with the others. */
function otherImage(): { readonly platform: FixtureImage; readonly layer: FixtureContent } {
  const platform = buildImage({ layers: [{ '/own.txt': 'a layer of its own' }] })
  const [{ digest: wanted } = platform.descriptor] = platform.layers
  const layer = platform.contents.find(({ descriptor }) => descriptor.digest === wanted)
  if (layer === undefined) throw new Error('the image has no layer')
  return { platform, layer }
}
