import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex, type FixtureImage } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { type CliResult, runCli } from '../../../test/fixtures/run-cli.ts'
import { bundleReferrer } from '../../../test/fixtures/signed-image.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'

const instance = sigstoreInstance()
const amd64 = buildImage({ platform: { os: 'linux', architecture: 'amd64' } })
const arm64 = buildImage({ platform: { os: 'linux', architecture: 'arm64' } })
const first = buildIndex([amd64, arm64])
const second = buildIndex([amd64, arm64], { annotations: { version: '2' } })

let registry: MemoryRegistry
let folder: string

beforeAll(async () => {
  registry = await startMemoryRegistry()
})
afterAll(async () => {
  await registry.close()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-lock-'))
  await writeFile(join(folder, 'root.json'), JSON.stringify(instance.trustedRoot))
  await mkdir(join(folder, 'project'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('lading lock', () => {
  test('writes the lock of a project, and then has nothing to do', async () => {
    const name = await publish('plain', { 1: first })
    await dockerfile(`FROM ${name}:1 AS build\nFROM build\n`)
    const { stdout, stderr, exitCode } = await lock()
    expect(stdout).toContain(
      `+ ${name}:1  ${first.descriptor.digest.slice(0, 19)}  no signature (looked at registry), taken on first use`,
    )
    expect(stdout).toContain('1 image in 1 file: 1 unsigned\nwrote lading.lock\n')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(await lockText()).toContain(`  "${name}:1":\n    digest: ${first.descriptor.digest}\n`)
    expect(await readdir(join(folder, 'project'))).toEqual(['Dockerfile', 'lading.lock'])

    const again = await lock()
    expect(again.stdout).toContain('lading.lock is up to date')
    expect((await lock('--check')).exitCode).toBe(0)
  })

  test('answers no to --check where something is new, and writes nothing', async () => {
    const name = await publish('check', { 1: first })
    await dockerfile(`FROM ${name}:1\n`)
    const { stdout, exitCode } = await lock('--check')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('lading.lock is not up to date; to bring it up to date: lading lock')
    await expect(lockText()).rejects.toThrow('ENOENT')
  })

  test('stops where somebody else signs, shows who, and goes on when that is accepted', async () => {
    const name = await publish('signed', { 1: first, 2: second })
    await sign('signed', first, 'me/app')
    await sign('signed', second, 'evil/app')
    await dockerfile(`FROM ${name}:1\n`)
    expect((await lock()).stdout).toContain('verified, taken on first use')
    const before = await lockText()

    await dockerfile(`FROM ${name}:2\n`)
    const stopped = await lock()
    expect(stopped.exitCode).toBe(1)
    expect(stopped.stdout).toContain(`stopped: ${name}:2 is signed by somebody else
    was  https://github.com/me/app/.github/workflows/release.yml, from https://github.com/me/app, by https://token.actions.githubusercontent.com
    is   https://github.com/evil/app/.github/workflows/release.yml, from https://github.com/evil/app, by https://token.actions.githubusercontent.com
  try: Find out why, then: lading lock --accept-signer ${name}
`)
    expect(stopped.stdout).toContain('nothing was written')
    expect(await lockText()).toBe(before)

    const accepted = await lock('--accept-signer', name)
    expect(accepted.exitCode).toBe(0)
    expect(await lockText()).toContain('https://github.com/evil/app\n')
  })

  test('says for programs what it did', async () => {
    const name = await publish('json', { 1: first })
    await sign('json', first, 'me/app')
    await dockerfile(`FROM ${name}:1\nADD https://example.com/x /x\n`)
    const { stdout } = await lock('--json')
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'lading.lock',
      written: true,
      upToDate: true,
      images: [
        {
          image: `${name}:1`,
          change: 'added',
          digest: first.descriptor.digest,
          previous: null,
          platforms: ['linux/amd64', 'linux/arm64'],
          usedBy: [expect.stringMatching(/^Dockerfile#FROM/) as unknown],
          signatures: 'verified',
          searched: ['registry'],
          acceptedBy: 'first-use',
        },
      ],
      unlockable: [{ file: 'Dockerfile', line: 2 }],
      stopped: [],
      problems: [],
    })
  })

  test('writes nothing where an image cannot be looked up, and says which', async () => {
    const name = await publish('missing', { 1: first })
    await dockerfile(`FROM ${name}:1 AS a\nFROM ${name}:gone\n`)
    const { stderr, exitCode } = await lock()
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`${name}:gone`)
    await expect(lockText()).rejects.toThrow('ENOENT')
  })

  test('resolves again what a merge left in conflict', async () => {
    const name = await publish('merge', { 1: first })
    await dockerfile(`FROM ${name}:1\n`)
    await lock()
    const good = await lockText()
    const ours = `    digest: ${first.descriptor.digest}\n`
    const theirs = `    digest: ${second.descriptor.digest}\n`
    await writeFile(
      join(folder, 'project', 'lading.lock'),
      good.replace(ours, `<<<<<<< HEAD\n${theirs}=======\n${ours}>>>>>>> branch\n`),
    )
    const { stdout, exitCode } = await lock()
    expect(exitCode).toBe(0)
    expect(stdout).toContain('wrote lading.lock')
    expect((await lockText()).replace(/resolvedAt.*/, '')).toBe(good.replace(/resolvedAt.*/, ''))
  })

  test('leaves the images out that lading.yaml ignores, and writes down the platforms of interest', async () => {
    const name = await publish('settings', { 1: first })
    await dockerfile(`FROM ${name}:1 AS a\nFROM registry.example/own/app:1\n`)
    await writeFile(
      join(folder, 'project', 'lading.yaml'),
      'lock:\n  platforms: [linux/arm64]\n  ignore:\n    images: [registry.example/own/**]\n',
    )
    expect((await lock()).exitCode).toBe(0)
    expect(await lockText()).toContain(
      `    platforms:\n      linux/arm64: ${arm64.descriptor.digest}\n    usedBy:`,
    )
    expect(await lockText()).not.toContain('registry.example')
  })

  test('refuses a damaged lock with its line', async () => {
    await dockerfile('FROM scratch\n')
    await writeFile(join(folder, 'project', 'lading.lock'), 'version: 1\nimages:\n  x: 1\n')
    const { stderr, exitCode } = await lock()
    expect(exitCode).toBe(3)
    expect(stderr).toContain('error: Cannot read lading.lock:3:6:')
  })

  test('refuses to accept who signs what is not used', async () => {
    await dockerfile('FROM scratch\n')
    const { stderr, exitCode } = await lock('--accept-signer', 'python')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('the project uses no image of that repository')
  })

  test('prints the lock for a build, and nothing where an image is not in it', async () => {
    const name = await publish('emit', { 1: first })
    await dockerfile(`FROM ${name}:1\n`)
    expect((await lock('--emit', 'buildkit-policy')).stderr).toContain('try: lading lock')
    await lock()
    const { stdout, exitCode } = await lock('--emit', 'buildkit-policy')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      rules: [{ updates: { identifier: `docker-image://${name}:1@${first.descriptor.digest}` } }],
    })
    await dockerfile(`FROM ${name}:2\n`)
    const refused = await lock('--emit', 'buildkit-policy')
    expect({ stdout: refused.stdout, exitCode: refused.exitCode }).toEqual({ stdout: '', exitCode: 1 })
    expect(refused.stderr).toContain(`${name}:2 is not in the lock`)
  })

  test('writes what is emitted to a file, whole, and wants a form for it', async () => {
    const name = await publish('file', { 1: first })
    await dockerfile(`FROM ${name}:1\n`)
    await lock()
    const { stdout, stderr, exitCode } = await lock('--emit', 'bake', '-o', 'lock.bake.json')
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: '',
      stderr: 'wrote lock.bake.json\n',
      exitCode: 0,
    })
    const written = await readFile(join(folder, 'project', 'lock.bake.json'), 'utf8')
    expect(written).toBe((await lock('--emit', 'bake', '--output', '-')).stdout)
    expect((await lock('--output', 'x')).exitCode).toBe(2)
  })

  test('takes what it wrote the last time for no source', async () => {
    const name = await publish('again', { 1: first })
    await writeFile(
      join(folder, 'project', 'pod.yaml'),
      `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - {name: a, image: "${name}:1"}\n`,
    )
    await writeFile(join(folder, 'project', 'lading.yaml'), 'lock:\n  mirror: mirror.example\n')
    await lock()
    for (const time of ['first', 'second']) {
      const { stderr, exitCode } = await lock('--emit', 'kustomize', '-o', 'kustomization.yaml')
      expect({ time, stderr, exitCode }).toEqual({ time, stderr: 'wrote kustomization.yaml\n', exitCode: 0 })
    }
    expect(await readFile(join(folder, 'project', 'kustomization.yaml'), 'utf8')).toContain(
      `newName: mirror.example/${name.replace(':', '_')}\n`,
    )
  })

  test('has nothing to lock where no image is named', async () => {
    const { stdout, exitCode } = await lock()
    expect(exitCode).toBe(0)
    expect(stdout).toContain('there is nothing to lock')
    expect(await readdir(join(folder, 'project'))).toEqual([])
  })
})

function lock(...words: readonly string[]): Promise<CliResult> {
  return runCli(['lock', '--trusted-root', join(folder, 'root.json'), ...words], {
    directory: join(folder, 'project'),
    environment: { XDG_CACHE_HOME: join(folder, 'cache') },
  })
}

function lockText(): Promise<string> {
  return readFile(join(folder, 'project', 'lading.lock'), 'utf8')
}

async function dockerfile(text: string): Promise<void> {
  await writeFile(join(folder, 'project', 'Dockerfile'), text)
}

/** Pushes images by their tags to a repository of their own, and gives its name. */
async function publish(path: string, images: Readonly<Record<string, FixtureImage>>): Promise<string> {
  for (const [tag, image] of Object.entries(images))
    await pushToRegistry(registry.host, { [`${path}:${tag}`]: image })
  return `${registry.host}/${path}`
}

async function sign(path: string, image: FixtureImage, repository: string): Promise<void> {
  const bundle = instance.attest(githubSigner(repository), { subjects: [image.descriptor.digest] })
  await pushToRegistry(registry.host, { [path]: bundleReferrer(bundle, image) })
}
