import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'
import { digestHex } from '../../oci/index.ts'

const amd64 = buildImage({ layers: [{ 'etc/os-release': 'ID=a' }, { app: 'amd64' }] })
const arm64 = buildImage({
  platform: { os: 'linux', architecture: 'arm64' },
  layers: [{ 'etc/os-release': 'ID=a' }, { app: 'arm64' }],
})
const index = buildIndex([amd64, arm64])
const sbom = buildArtifact({ subject: index.descriptor })

let source: MemoryRegistry
let target: MemoryRegistry
let directory: string

beforeAll(async () => {
  source = await startMemoryRegistry()
  for (const tag of ['1.9', '1.10', 'latest']) await pushToRegistry(source.host, { [`app:${tag}`]: index })
  await pushToRegistry(source.host, { app: sbom })
})

beforeEach(async () => {
  target = await startMemoryRegistry()
  directory = await mkdtemp(join(tmpdir(), 'lading-copy-'))
  return async () => {
    await target.close()
    await rm(directory, { recursive: true })
  }
})

afterAll(() => source.close())

describe('lading copy', () => {
  test('copies an index with its referrers, and a second time only asks', async () => {
    const command = ['copy', '--quiet', `${source.host}/app:1.10`, `${target.host}/mirror/app:1.10`]
    const first = await runCli(command)
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: `${target.host}/mirror/app:1.10@${index.descriptor.digest}\n`,
    })
    expect(target.tags('mirror/app').get('1.10')).toBe(index.descriptor.digest)
    expect(target.blobs('mirror/app')).toEqual(
      expect.arrayContaining(sbom.layers.map(({ digest }) => digest)),
    )

    target.requests.splice(0)
    source.requests.splice(0)
    expect((await runCli([...command, '--no-referrers'])).exitCode).toBe(0)
    expect([...source.requests, ...target.requests].map(({ method }) => method)).toEqual(['HEAD', 'HEAD'])
  })

  test('goes from registry to layout to archive to registry with the same digest', async () => {
    const steps = [
      [`${source.host}/app:1.9`, `oci:${directory}/layout:v1`],
      [`oci:${directory}/layout:v1`, `oci-archive:${directory}/image.tar:v1`],
      [`oci-archive:${directory}/image.tar`, `oci-archive:${directory}/image.tar.zst:v1`],
      [`oci-archive:${directory}/image.tar.zst:v1`, `${target.host}/again:v1`],
    ] as const
    for (const [from, to] of steps) {
      expect(await runCli(['copy', from, to])).toMatchObject({ exitCode: 0 })
    }
    expect(target.tags('again').get('v1')).toBe(index.descriptor.digest)
    expect(target.blobs('again')).toEqual(expect.arrayContaining(sbom.layers.map(({ digest }) => digest)))
  })

  test.each(['oci-archive', 'docker-archive'])(
    'writes an %s to standard output, and nothing else',
    async (kind) => {
      await runCli(['copy', `${source.host}/app:1.9`, `${kind}:${directory}/file.tar`])
      const result = await runCli(['copy', `${source.host}/app:1.9`, `${kind}:-`])
      expect(result.exitCode).toBe(0)
      expect(result.stdoutBytes.equals(await readFile(join(directory, 'file.tar')))).toBe(true)
      expect(result.stderr).toContain(`copied ${kind}:-`)
    },
  )

  test.each([['--json'], ['--quiet']])('refuses %s where standard output is the archive', async (flag) => {
    const result = await runCli(['copy', flag, `${source.host}/app:1.9`, 'oci-archive:-'])
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test('refuses to write an archive to a terminal, or two to one stream', async () => {
    const image = `${source.host}/app:1.9`
    expect(await runCli(['copy', image, 'oci-archive:-'], { tty: true })).toMatchObject({ exitCode: 2 })
    expect(await runCli(['copy', image, 'oci-archive:-', 'docker-archive:-'])).toMatchObject({
      exitCode: 2,
      stdout: '',
    })
  })

  test('writes the same archive twice', async () => {
    for (const name of ['a', 'b']) {
      await runCli(['copy', `${source.host}/app:1.9`, `oci-archive:${directory}/${name}.tar:v1`])
    }
    expect((await readFile(join(directory, 'a.tar'))).equals(await readFile(join(directory, 'b.tar')))).toBe(
      true,
    )
  })

  test('sends an image to several destinations', async () => {
    const result = await runCli([
      'copy',
      `${source.host}/app:1.9`,
      `${target.host}/one:1`,
      `${target.host}/two:2`,
    ])
    expect(result.exitCode).toBe(0)
    expect([target.tags('one').get('1'), target.tags('two').get('2')]).toEqual([
      index.descriptor.digest,
      index.descriptor.digest,
    ])
    const mounts = target.requests.filter(({ path }) => path.includes('mount='))
    expect(mounts.length).toBeGreaterThan(0)
  })

  test('--all-tags copies every tag, --tags those that match', async () => {
    await runCli(['copy', '--all-tags', `${source.host}/app`, `${target.host}/all`])
    expect([...target.tags('all').keys()].toSorted()).toEqual(['1.10', '1.9', 'latest'])
    await runCli(['copy', '--tags', '>=1.10', `${source.host}/app`, `${target.host}/some`])
    expect([...target.tags('some').keys()]).toEqual(['1.10'])
  })

  test('--platform copies one platform and keeps the index where the target takes a sparse one', async () => {
    const sparse = await startMemoryRegistry({ sparseIndexes: true })
    const result = await runCli([
      'copy',
      '--platform',
      'linux/arm64',
      `${source.host}/app:1.9`,
      `${sparse.host}/app:1.9`,
    ])
    expect(result.exitCode).toBe(0)
    expect(sparse.tags('app').get('1.9')).toBe(index.descriptor.digest)
    expect(sparse.blobs('app')).not.toContain(amd64.layers[1]?.digest)
    await sparse.close()
  })

  test('--platform says what to do where the target refuses a sparse index', async () => {
    const result = await runCli([
      'copy',
      '--platform',
      'linux/arm64',
      `${source.host}/app:1.9`,
      `${target.host}/app:1.9`,
    ])
    expect(result.exitCode).toBe(3)
    expect(result.stderr).toContain('--strip-platforms')
    expect(target.tags('app').size).toBe(0)
  })

  test('--strip-platforms writes a new index with a new digest', async () => {
    const result = await runCli([
      'copy',
      '--json',
      '--platform',
      'linux/arm64',
      '--strip-platforms',
      `${source.host}/app:1.9`,
      `${target.host}/app:1.9`,
    ])
    expect(result.exitCode).toBe(0)
    const digest = target.tags('app').get('1.9')
    expect(digest).not.toBe(index.descriptor.digest)
    expect(JSON.parse(result.stdout)).toMatchObject({ images: [{ digest, tags: ['1.9'] }] })
  })

  test('lists the platforms there are when one is not', async () => {
    const result = await runCli([
      'copy',
      '--platform',
      'linux/s390x',
      `${source.host}/app:1.9`,
      `${target.host}/app:1`,
    ])
    expect(result.exitCode).toBe(3)
    expect(result.stderr).toMatch(/no image for linux\/s390x[^]*linux\/amd64, linux\/arm64/)
    expect(target.requests.filter(({ method }) => method !== 'HEAD')).toEqual([])
  })

  test('docker-archive gets the platform of this machine', async () => {
    const result = await runCli(
      ['copy', '--quiet', `${source.host}/app:1.9`, `docker-archive:${directory}/d.tar`],
      {
        host: { os: 'linux', architecture: 'arm64' },
      },
    )
    expect(result.stdout).toContain(arm64.descriptor.digest)
  })

  test('--dry-run writes nothing and says what would be copied', async () => {
    const result = await runCli(['copy', '--dry-run', `${source.host}/app:1.9`, `${target.host}/app:1.9`])
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain(`would copy  manifest  ${index.descriptor.digest}`)
    expect(target.requests.filter(({ method }) => method !== 'HEAD' && method !== 'GET')).toEqual([])
  })

  test('brings cosign’s older tags along', async () => {
    const tag = `sha256-${digestHex(amd64.descriptor.digest)}.sig`
    await pushToRegistry(source.host, { 'signed:1': amd64 })
    await pushToRegistry(source.host, { [`signed:${tag}`]: buildImage({ layers: [{ signature: 'x' }] }) })
    await runCli(['copy', `${source.host}/signed:1`, `${target.host}/signed:1`])
    expect([...target.tags('signed').keys()].toSorted()).toEqual(['1', tag])
  })

  test('one bad tag does not stop the others; the end says which failed', async () => {
    const other = await startMemoryRegistry()
    await pushToRegistry(other.host, { 'app:good': amd64 })
    await pushToRegistry(other.host, { 'app:bad': arm64 })
    const [layer] = arm64.layers.slice(1)
    other.damage(layer?.digest ?? '', Buffer.alloc(layer?.size ?? 0))
    const result = await runCli(['copy', '--all-tags', `${other.host}/app`, `${target.host}/app`])
    await other.close()
    expect(result.exitCode).toBe(3)
    expect(result.stderr).toContain('1 of 2 images were not copied: bad')
    expect([...target.tags('app').keys()]).toEqual(['good'])
  })

  test('one tag whose manifest cannot be read does not stop the others', async () => {
    const other = await startMemoryRegistry()
    await pushToRegistry(other.host, { 'app:1': amd64 })
    await pushToRegistry(other.host, { 'app:2': arm64 })
    other.damage(arm64.descriptor.digest, Buffer.from('{"schemaVersion":1}'))
    const platform = ['--platform', 'linux/amd64']
    const result = await runCli([
      'copy',
      '--all-tags',
      ...platform,
      `${other.host}/app`,
      `${target.host}/app`,
    ])
    expect(result.exitCode).not.toBe(0)
    expect([...target.tags('app').keys()]).toEqual(['1'])
    await other.close()
  })

  test('asks little a second time, also where the registries list no referrers themselves', async () => {
    const plain = { referrers: false }
    const registries = [await startMemoryRegistry(plain), await startMemoryRegistry(plain)] as const
    const [from, to] = registries
    await pushToRegistry(from.host, { 'app:1': amd64 })
    const words = ['copy', `${from.host}/app:1`, `${to.host}/app:1`]
    expect((await runCli(words)).exitCode).toBe(0)
    for (const { requests } of registries) requests.splice(0)
    expect((await runCli(words)).exitCode).toBe(0)
    const [asked, answered] = registries.map(({ requests }) =>
      requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`),
    )
    expect(asked?.toSorted()).toEqual([
      `GET /v2/app/referrers/${amd64.descriptor.digest}`,
      'GET /v2/app/tags/list',
      'HEAD /v2/app/manifests/1',
    ])
    expect(answered).toEqual(['HEAD /v2/app/manifests/1'])
    for (const registry of registries) await registry.close()
  })

  test.each([['--quiet'], ['--dry-run'], []])(
    'shows no control characters of names in a layout with %s',
    async (...flags) => {
      const [from, to] = [join(directory, 'from'), join(directory, 'to')]
      await writeLayout(from, { 'a\u001b[2J\u202eb': amd64 })
      const result = await runCli(['copy', ...flags, '--all-tags', `oci:${from}`, `oci:${to}`])
      expect(result.stdout).toMatch(/a\\x1b\[2J\\u202eb/)
      expect(`${result.stdout}${result.stderr}`).not.toMatch(/[\u001b\u202e]/)
    },
  )

  test('fetches nothing from a registry that counts it where the target has the index', async () => {
    const words = ['copy', `${source.host}/app:latest`, `${target.host}/app:1`]
    expect((await runCli(words)).exitCode).toBe(0)
    source.requests.splice(0)
    expect((await runCli(words)).exitCode).toBe(0)
    const counted = source.requests.filter(
      ({ method, path }) => method === 'GET' && path.includes('/manifests/'),
    )
    expect(counted).toEqual([])
  })

  test('gives a new tag in the same repository and mounts in another of the registry', async () => {
    const registry = await startMemoryRegistry()
    await pushToRegistry(registry.host, { 'app:1': index })
    registry.requests.splice(0)
    const there = `${registry.host}/app`
    expect((await runCli(['copy', `${there}:1`, `${there}:2`])).exitCode).toBe(0)
    expect(registry.tags('app').get('2')).toBe(index.descriptor.digest)
    expect(registry.requests.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      `GET /v2/app/manifests/${index.descriptor.digest}`,
      'HEAD /v2/app/manifests/1',
      'HEAD /v2/app/manifests/2',
      'PUT /v2/app/manifests/2',
    ])
    registry.requests.splice(0)
    for (const strip of [[], ['--platform', 'linux/arm64', '--strip-platforms']]) {
      const words = ['copy', ...strip, `${there}:1`, `${registry.host}/other${strip.length}:1`]
      expect((await runCli(words)).exitCode).toBe(0)
    }
    const blobs = registry.requests.filter(({ path }) => path.includes('/blobs/'))
    expect(blobs.filter(({ path }) => !path.includes('mount='))).toEqual([])
    await registry.close()
  })

  test('leaves no archive behind when a blob is damaged', async () => {
    const other = await startMemoryRegistry()
    await pushToRegistry(other.host, { 'app:1': amd64 })
    other.damage(amd64.layers[0]?.digest ?? '', Buffer.from('short'))
    const result = await runCli(['copy', `${other.host}/app:1`, `oci-archive:${directory}/image.tar`])
    await other.close()
    expect(result.exitCode).toBe(3)
    expect(result.stderr).toContain(amd64.layers[0]?.digest)
    expect(await readdir(directory)).toEqual([])
  })

  test('leaves no archive behind when it is interrupted', async () => {
    const controller = new AbortController()
    const copying = runCli(['copy', `${source.host}/app:1.9`, `oci-archive:${directory}/image.tar`], {
      signal: controller.signal,
    })
    controller.abort()
    expect(await copying).toMatchObject({ exitCode: 130 })
    expect(await readdir(directory)).toEqual([])
  })

  test('keeps the archive that was there when the new one fails', async () => {
    await writeFile(join(directory, 'image.tar'), 'the old one')
    const result = await runCli(['copy', `${source.host}/app:missing`, `oci-archive:${directory}/image.tar`])
    expect(result.exitCode).toBe(3)
    expect(await readFile(join(directory, 'image.tar'), 'utf8')).toBe('the old one')
  })

  test.each([
    [['a:1'], /it needs SOURCE DESTINATION|at least/],
    [['--all-tags', 'a:1', 'b'], /names one image/],
    [['--all-tags', '--tags', 'x', 'a', 'b'], /exclude each other/],
    [['--strip-platforms', 'a', 'b'], /needs --platform/],
    [['--jobs', '0', 'a', 'b'], /whole number/],
    [['a/B:1', 'b'], /lower/],
    [['./image.tar', 'b'], /is a path/],
    [['--platfrom', 'x', 'a', 'b'], /did you mean --platform/],
    [['--platform', 'linux', 'a', 'b'], /platform/],
  ])('refuses %j as wrong usage', async (words, message) => {
    const result = await runCli(['copy', ...words])
    expect(result.exitCode).toBe(2)
    expect(result.stderr).toMatch(message)
    expect(result.stdout).toBe('')
  })

  test('refuses a target digest that is not what is copied', async () => {
    const result = await runCli([
      'copy',
      `${source.host}/app:1.9`,
      `${target.host}/app@sha256:${'0'.repeat(64)}`,
    ])
    expect(result.exitCode).toBe(2)
    expect(target.blobs('app')).toEqual([])
  })
})
