import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  firstImage,
  type LockedProject,
  openLockedProject,
  secondImage,
} from '../../../test/fixtures/locked-project.ts'
import { type KeyPair, keyPair, publicPem } from '../../../test/fixtures/sigstore/key-pair.ts'
import type { FixtureImage } from '../../../test/fixtures/build-image.ts'

const ann = keyPair()
const bob = keyPair()
let project: LockedProject
let name: string

beforeEach(async () => {
  project = await openLockedProject()
  name = await project.publish('app', { 1: firstImage })
  await project.write({
    'ann.pub': publicPem(ann),
    'bob.pub': publicPem(bob),
    Dockerfile: `FROM ${name}:1\n`,
  })
  await known('ann', 'bob')
  await sign(firstImage, ann)
  await project.run('lock')
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
})

describe('lock.keys', () => {
  test('remembers whose key signed', async () => {
    expect(await project.read('lading.lock')).toMatch(/^signers:\n {2}"?\S+\/app"?:\n {4}- key: sha256:/m)
    expect((await project.run('check', '--verify')).exitCode).toBe(0)
  })

  test('stops where another known key signs, until that is accepted', async () => {
    const before = await project.read('lading.lock')
    await project.publish('app', { 1: secondImage })
    await sign(secondImage, bob)
    const stopped = await project.run('update')
    expect(stopped.exitCode).toBe(1)
    expect(stopped.stdout).toMatch(
      /is signed by somebody else\n +was {2}the key sha256:\S+\n +is {3}the key sha256:/,
    )
    expect(await project.read('lading.lock')).toBe(before)
    expect((await project.run('update', '--accept-signer', name)).exitCode).toBe(0)
    expect((await project.run('check', '--verify', '--online')).exitCode).toBe(0)
  })

  test('stops where a key signs that nobody named', async () => {
    await known('ann')
    await project.publish('app', { 1: secondImage })
    await sign(secondImage, bob)
    expect((await project.run('update')).exitCode).toBe(1)
  })

  test('goes on where the known key signs again, whoever signs besides', async () => {
    await project.publish('app', { 1: secondImage })
    await sign(secondImage, bob)
    await sign(secondImage, ann)
    const before = signers(await project.read('lading.lock'))
    expect((await project.run('update')).exitCode).toBe(0)
    expect(signers(await project.read('lading.lock'))).toBe(before)
  })

  test('says no when the key is taken away', async () => {
    await known('bob')
    expect((await project.run('check', '--verify')).exitCode).toBe(1)
  })

  test('takes no signature without a log where that was not said', async () => {
    await project.write({ 'lading.yaml': 'lock: {keys: [{key: ann.pub}]}\n' })
    expect((await project.run('check', '--verify')).exitCode).toBe(1)
  })

  test('says which key cannot be read', async () => {
    await known('nobody')
    const { exitCode, stderr } = await project.run('lock')
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('nobody.pub')
  })
})

/** The part of a lock that says who is remembered. */
function signers(lock: string): string {
  return lock.slice(lock.indexOf('\nsigners:'))
}

async function known(...names: readonly string[]): Promise<void> {
  const keys = names.map((one) => `{key: ${one}.pub, insecureIgnoreTlog: true}`)
  await project.write({ 'lading.yaml': `lock: {keys: [${keys.join(', ')}]}\n` })
}

async function sign({ descriptor }: FixtureImage, { privateKey }: KeyPair): Promise<void> {
  await project.write({ 'signing.key': privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() })
  const key = join(project.folder, 'signing.key')
  const { exitCode, stderr } = await project.run(
    'sign',
    '--no-log',
    '--key',
    key,
    `${name}@${descriptor.digest}`,
  )
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
}
