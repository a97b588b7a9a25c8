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
  await project.write({ Dockerfile: `FROM ${name}:1\n` })
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
})

describe('lading check', () => {
  test('says yes where sources and lock agree, and asks nobody', async () => {
    await project.run('lock')
    project.registry.requests.splice(0)
    const { stdout, stderr, exitCode } = await project.run('check')
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: 'ok  lading.lock agrees with the sources: 1 image\n',
      stderr: '',
      exitCode: 0,
    })
    expect(project.registry.requests).toEqual([])
  })

  test('says no with file and line', async () => {
    await project.run('lock')
    await project.write({ Dockerfile: '# new\nFROM redis:7\n' })
    const { stdout, exitCode } = await project.run('check')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('Dockerfile:2:6: error: redis:7 is not in the lock\n  try: lading lock\n')
    expect(stdout).toContain(`lading.lock:5:3: error: ${name}:1 is in the lock, and nothing uses it`)
    expect(stdout).toContain('not ok  lading.lock: 2 errors')
  })

  test('says that there is no lock', async () => {
    const { stderr, exitCode } = await project.run('check')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('it has no lading.lock\n  try: lading lock')
  })

  test('fails where a source cannot be read', async () => {
    await project.run('lock')
    await project.write({ Dockerfile: `FROM ${name}:1\nRUN <<EOF\nnever closed\n` })
    const { stderr, exitCode } = await project.run('check')
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^error: Cannot read Dockerfile:2/)
  })

  test('tells programs the same', async () => {
    await project.run('lock')
    await project.write({ Dockerfile: 'FROM redis:7\n' })
    const { stdout } = await project.run('check', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'lading.lock',
      ok: false,
      images: 1,
      findings: [
        {
          rule: 'not-locked',
          level: 'error',
          file: 'Dockerfile',
          line: 1,
          column: 6,
          image: 'docker.io/library/redis:7',
        },
        { rule: 'stale', file: 'lading.lock', line: 5 },
      ],
    })
  })

  test('annotates for GitHub, and writes SARIF', async () => {
    await project.run('lock')
    await project.write({ Dockerfile: 'FROM redis:7\n' })
    const github = await project.run('check', '--format', 'github')
    expect(github.exitCode).toBe(1)
    expect(github.stdout.split('\n')[0]).toBe(
      '::error file=Dockerfile,line=1,col=6,title=lading not-locked::redis:7 is not in the lock (try: lading lock)',
    )
    const sarif = await project.run('check', '--format', 'sarif')
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [
            {
              ruleId: 'not-locked',
              ruleIndex: 0,
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'Dockerfile' },
                    region: { startLine: 1, startColumn: 6, endColumn: 13 },
                  },
                },
              ],
            },
            { ruleId: 'stale' },
          ],
        },
      ],
    })
  })
})

describe('lading check --online', () => {
  test('reports a tag that moved, and says no to it where that is asked for', async () => {
    await project.run('lock')
    expect((await project.run('check', '--online')).exitCode).toBe(0)
    await project.publish('app', { 1: secondImage })
    const { stdout, exitCode } = await project.run('check', '--online')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(
      `warning: ${name}:1 was ${firstImage.descriptor.digest} when it was locked; it points to ${secondImage.descriptor.digest} now`,
    )
    expect((await project.run('check', '--online', '--fail-on', 'moved')).exitCode).toBe(1)
  })

  test('says no where the locked digest is gone, whether the tag is there or not', async () => {
    await project.run('lock')
    await project.publish('app', { 1: secondImage, 2: secondImage })
    await project.run('delete', '--apply', `${name}@${firstImage.descriptor.digest}`)
    const moved = await project.run('check', '--online')
    expect(moved.exitCode).toBe(1)
    expect(moved.stdout).toContain('which the registry does not have any more')
    await project.run('delete', '--apply', `${name}@${secondImage.descriptor.digest}`)
    const gone = await project.run('check', '--online')
    expect(gone.exitCode).toBe(1)
    expect(gone.stdout).toContain('that name is no more')
  })

  test('says no where somebody else signs what the tag points to now', async () => {
    await project.sign('app', firstImage, 'me/app')
    await project.run('lock')
    await project.publish('app', { 1: secondImage })
    await project.sign('app', secondImage, 'evil/app')
    const { stdout, exitCode } = await project.run('check', '--online')
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(
      /error: .*:1 is signed by https:\/\/github.com\/evil\/app.*; before it was https:\/\/github.com\/me\/app/,
    )
  })

  test('could not tell where the registry is down', async () => {
    await project.run('lock')
    await project.registry.close()
    const { exitCode, stderr } = await project.run('check', '--online')
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^error: Cannot /)
  })
})

describe('lading check --verify', () => {
  test('says no where the lock tells of another platform manifest than the index has', async () => {
    await project.run('lock')
    const lock = await project.read('lading.lock')
    const [, edited = ''] = /linux\/arm64: (sha256:[0-9a-f]{64})/.exec(lock) ?? []
    await project.write({ 'lading.lock': lock.replace(edited, `sha256:${'0'.repeat(64)}`) })
    const { stdout, exitCode } = await project.run('check', '--verify')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('other platforms than')
    await project.write({ 'lading.lock': lock })
    expect((await project.run('check', '--verify')).exitCode).toBe(0)
  })

  test('says yes to a lock that was written', async () => {
    await project.sign('app', firstImage, 'me/app')
    await project.run('lock')
    expect((await project.run('check', '--verify')).exitCode).toBe(0)
  })

  test('says no to a lock that was edited to another image', async () => {
    await project.publish('app', { evil: secondImage })
    await project.sign('app', firstImage, 'me/app')
    await project.sign('app', secondImage, 'evil/app')
    await project.run('lock')
    const edited = (await project.read('lading.lock')).replaceAll(
      firstImage.descriptor.digest,
      secondImage.descriptor.digest,
    )
    await project.write({ 'lading.lock': edited })
    expect((await project.run('check')).exitCode).toBe(0)
    const { stdout, exitCode } = await project.run('check', '--verify')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('is signed by https://github.com/evil/app')
  })

  test('says no to a lock whose signers were edited too, where it is held to an older one', async () => {
    await project.publish('app', { evil: secondImage })
    await project.sign('app', firstImage, 'me/app')
    await project.sign('app', secondImage, 'evil/app')
    await project.run('lock')
    const good = await project.read('lading.lock')
    const edited = good
      .replaceAll(firstImage.descriptor.digest, secondImage.descriptor.digest)
      .replace(/size: \d+/, `size: ${secondImage.descriptor.size}`)
      .replaceAll('github.com/me', 'github.com/evil')
    await project.write({ 'lading.lock': edited, 'base.lock': good })
    expect((await project.run('check', '--verify')).exitCode).toBe(0)
    expect((await project.run('check', '--verify', '--baseline', 'base.lock')).exitCode).toBe(1)
  })

  test('cannot tell where the older lock is not there', async () => {
    await project.run('lock')
    const { exitCode, stderr } = await project.run('check', '--verify', '--baseline', 'gone.lock')
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^error: Cannot read .*gone\.lock: /m)
  })
})
