import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import {
  firstImage,
  type LockedProject,
  openLockedProject,
  secondImage,
} from '../../../test/fixtures/locked-project.ts'

const old = firstImage.descriptor.digest
const now = secondImage.descriptor.digest
let project: LockedProject
let name: string

beforeEach(async () => {
  project = await openLockedProject()
  name = await project.publish('app', { '1.0': firstImage })
  await project.write({ Dockerfile: `FROM ${name}:1.0\n` })
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
})

describe('lading update', () => {
  test('moves tags on in the lock, and says from where to where', async () => {
    await project.run('lock')
    await project.publish('app', { '1.0': secondImage })
    const { stdout, exitCode } = await project.run('update')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(
      [
        `~ ${name}:1.0  ${old.slice(0, 19)} → ${now.slice(0, 19)}`,
        '    no signature (looked at registry), taken on first use, of unknown age, linux/amd64, linux/arm64',
        'wrote lading.lock',
        '',
      ].join('\n'),
    )
    expect(await project.read('lading.lock')).toContain(`digest: ${now}\n`)
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1.0\n`)
    expect((await project.run('check')).exitCode).toBe(0)
    expect((await project.run('update')).stdout).toBe('everything is up to date\n')
  })

  test('writes the new digest where the sources have one', async () => {
    await project.run('lock')
    await project.run('pin')
    await project.publish('app', { '1.0': secondImage })
    const { stdout } = await project.run('update')
    expect(stdout).toContain('wrote lading.lock and 1 source\n')
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1.0@${now}\n`)
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('moves what was pinned before it was locked', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1.0@${old}\nFROM ${name}:1.0\n` })
    await project.run('lock')
    await project.publish('app', { '1.0': secondImage })
    await project.run('update')
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1.0@${now}\nFROM ${name}:1.0\n`)
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('moves what is named alone, by the name that people say', async () => {
    const other = await project.publish('team/tool', { '1.0': firstImage })
    await project.write({ Dockerfile: `FROM ${name}:1.0 AS a\nFROM ${other}:1.0\n` })
    await project.run('lock')
    await project.publish('app', { '1.0': secondImage })
    await project.publish('team/tool', { '1.0': secondImage })
    const { stdout } = await project.run('update', 'tool')
    expect(stdout).toContain(`~ ${other}:1.0`)
    expect(stdout).not.toContain(`~ ${name}:1.0`)
    const refused = await project.run('update', 'python')
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain(
      `the project uses no image of that name\n  try: It uses ${name}, ${other}.`,
    )
  })

  test('takes newer tags of the same kind, in the sources too', async () => {
    await project.publish('app', { '1.1': secondImage, '1.2-slim': secondImage, '2.0': secondImage })
    await project.run('lock')
    const { stdout } = await project.run('update', '--tags')
    expect(stdout).toContain(`~ ${name}:1.0 → ${name}:1.1  ${old.slice(0, 19)} → ${now.slice(0, 19)}`)
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1.1\n`)
    expect((await project.run('check')).exitCode).toBe(0)
    await project.run('update', '--range', '>=2')
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:2.0\n`)
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('leaves an image where it is that a place names which cannot be edited', async () => {
    await project.publish('app', { '1.1': secondImage })
    await project.write({ Dockerfile: `ARG V=1.0\nFROM ${name}:\${V}\n` })
    await project.run('lock')
    const { stdout } = await project.run('update', '--tags')
    expect(stdout).toMatch(/^! Dockerfile:2:6: .* cannot be updated: /)
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test('stops where somebody else signs, until that is accepted', async () => {
    await project.sign('app', firstImage, 'me/app')
    await project.sign('app', secondImage, 'evil/app')
    await project.run('lock')
    const before = await project.read('lading.lock')
    await project.publish('app', { '1.0': secondImage })
    const stopped = await project.run('update')
    expect(stopped.exitCode).toBe(1)
    expect(stopped.stdout).toContain(`stopped: ${name}:1.0 is signed by somebody else`)
    expect(stopped.stdout).toContain(`lading update --accept-signer ${name}\nnothing was written\n`)
    expect(await project.read('lading.lock')).toBe(before)
    expect((await project.run('update', '--accept-signer', name)).exitCode).toBe(0)
    expect(await project.read('lading.lock')).toContain('https://github.com/evil/app\n')
  })

  test('holds a new tag to who signed the old one', async () => {
    await project.sign('app', firstImage, 'me/app')
    await project.run('lock')
    await project.publish('app', { '1.1': secondImage })
    const { stdout, exitCode } = await project.run('update', '--tags')
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`stopped: ${name}:1.1 has no signature any more`)
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1.0\n`)
  })

  test('holds back what is young, and what does not say how old it is', async () => {
    const fresh = buildIndex([buildImage()], {
      annotations: { 'org.opencontainers.image.created': new Date(Date.now() - 3_600_000).toISOString() },
    })
    const aged = buildIndex([buildImage()], {
      annotations: { 'org.opencontainers.image.created': '2020-01-01T00:00:00Z' },
    })
    await project.run('lock')
    const before = await project.read('lading.lock')
    for (const [image, text] of [
      [fresh, 'less than a day old'],
      [secondImage, 'of unknown age'],
    ] as const) {
      await project.publish('app', { '1.0': image })
      const { stdout, exitCode } = await project.run('update', '--min-age', '3d')
      expect(exitCode).toBe(0)
      expect(stdout).toContain(`= ${name}:1.0  held back: ${image.descriptor.digest.slice(0, 19)} is ${text}`)
      expect(await project.read('lading.lock')).toBe(before)
    }
    await project.publish('app', { '1.0': aged })
    expect((await project.run('update', '--min-age', '3d')).stdout).toContain('wrote lading.lock')
  })

  test('takes the proved time of a signature before what an image says', async () => {
    await project.run('lock')
    const fresh = buildIndex([buildImage()], {
      annotations: { 'org.opencontainers.image.created': new Date().toISOString() },
    })
    await project.sign('app', fresh, 'me/app')
    await project.publish('app', { '1.0': fresh })
    const { stdout } = await project.run('update', '--min-age', '3d', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      written: true,
      updates: [{ publishedAt: expect.stringMatching(/^2026-0/) as unknown, signatures: 'verified' }],
      heldBack: [],
    })
  })

  test('writes nothing in a dry run, and shows the diff', async () => {
    await project.run('lock')
    await project.run('pin')
    await project.publish('app', { '1.0': secondImage })
    const { stdout } = await project.run('update', '--dry-run')
    expect(stdout).toContain(`-FROM ${name}:1.0@${old}\n+FROM ${name}:1.0@${now}\n`)
    expect(await project.read('Dockerfile')).toBe(`FROM ${name}:1.0@${old}\n`)
  })

  test('says that a platform is lost', async () => {
    await project.run('lock')
    await project.publish('app', { '1.0': buildIndex([buildImage()]) })
    expect((await project.run('update')).stdout).toContain('    no longer for linux/arm64\n')
  })

  test('writes nothing where an image is gone', async () => {
    await project.run('lock')
    await project.run('delete', '--apply', `${name}:1.0`)
    const { stderr, exitCode } = await project.run('update')
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`${name}:1.0`)
  })
})
