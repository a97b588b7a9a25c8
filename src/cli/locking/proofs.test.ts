import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  firstImage,
  type LockedProject,
  openLockedProject,
  secondImage,
} from '../../../test/fixtures/locked-project.ts'

let project: LockedProject
let name: string

beforeEach(async () => {
  project = await openLockedProject()
  name = await project.publish('app', { 1: firstImage })
  await project.sign('app', firstImage, 'me/app')
  await project.write({ Dockerfile: `FROM ${name}:1\n`, 'lading.yaml': 'lock:\n  proofs: vendor\n' })
  await project.run('lock')
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
})

describe('lock.proofs: vendor', () => {
  test('keeps the bundles of the lock, by which it is verified without network', async () => {
    const [proof = '', ...others] = await proofs()
    expect(others).toEqual([])
    expect(await project.read('lading.lock')).toContain(`bundle: sha256:${proof.replace('.json', '')}\n`)
    await project.registry.close()
    expect((await project.run('check', '--verify')).exitCode).toBe(0)
    expect((await project.run('lock', '--check')).exitCode).toBe(0)
  })

  test('has the bundle of what is locked now, and no other', async () => {
    const before = await proofs()
    await project.publish('app', { 1: secondImage })
    await project.sign('app', secondImage, 'me/app')
    await project.run('update')
    const after = await proofs()
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
  })

  test('looks again for a bundle that is missing', async () => {
    const before = await proofs()
    await rm(join(project.folder, '.lading'), { recursive: true })
    await project.run('lock')
    expect(await proofs()).toEqual(before)
  })

  test('believes no bundle that is not the one of the lock, nor one of another image', async () => {
    const [proof = ''] = await proofs()
    await writeFile(join(project.folder, '.lading/proofs', proof), '{}')
    await project.registry.close()
    expect((await project.run('check', '--verify')).exitCode).toBe(3)
  })

  test('says no to a lock that was edited to another image, whatever proofs there are', async () => {
    await project.publish('app', { evil: secondImage })
    const edited = (await project.read('lading.lock')).replaceAll(
      firstImage.descriptor.digest,
      secondImage.descriptor.digest,
    )
    await project.write({ 'lading.lock': edited })
    const { stdout, exitCode } = await project.run('check', '--verify')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('has no signature that verifies')
  })
})

function proofs(): Promise<readonly string[]> {
  return readdir(join(project.folder, '.lading/proofs'))
}
