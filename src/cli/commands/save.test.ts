import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { openDockerArchive, openOciArchive } from '../../stores/index.ts'
import { collect } from '../../../test/fixtures/collect.ts'

const amd64 = buildImage()
const arm = buildImage({ layers: [{ arm: 'arm' }], platform: { os: 'linux', architecture: 'arm64' } })
const s390x = buildImage({ layers: [{ s: 's' }], platform: { os: 'linux', architecture: 's390x' } })
const index = buildIndex([amd64, arm, s390x])
const other = buildImage({ layers: [{ other: 'other' }] })
const sbom = buildArtifact({ subject: amd64.descriptor })

describe('lading save', () => {
  let registry: MemoryRegistry
  let app: string
  let directory: string

  beforeAll(async () => {
    registry = await startMemoryRegistry()
    app = `${registry.host}/team/app`
    await pushToRegistry(registry.host, { 'team/app:1': index, 'team/other:2': other })
    await pushToRegistry(registry.host, { 'team/app:sbom': sbom })
  })

  afterAll(async () => {
    await registry.close()
  })

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  const file = (name: string): string => join(directory, name)

  test("saves this machine's image of an index, under its name", async () => {
    const { stdout, stderr, exitCode } = await runCli(['save', `${app}:1`, '-o', file('a.tar')])
    expect(stdout).toBe(`saved ${app}:1@${amd64.descriptor.digest}\n`)
    expect(stderr).toMatch(/wrote .*a\.tar \(.* KB\)\n$/)
    expect(exitCode).toBe(0)
    await using archive = await openDockerArchive(file('a.tar'))
    expect((await archive.resolve(`${app}:1`)).digest).toBe(amd64.descriptor.digest)
    await using layout = await openOciArchive(file('a.tar'))
    expect((await layout.resolve('1')).digest).toBe(amd64.descriptor.digest)
    expect(await layout.referrers(amd64.descriptor.digest)).toEqual([])
  })

  test('saves several images as one archive, the same at every time', async () => {
    await runCli(['save', `${app}:1`, `${registry.host}/team/other:2`, '-o', file('a.tar')])
    await runCli(['save', `${registry.host}/team/other:2`, `${app}:1`, '-o', file('b.tar')])
    expect(await readFile(file('a.tar'))).toEqual(await readFile(file('b.tar')))
    await using archive = await openDockerArchive(file('a.tar'))
    expect((await collect(archive.tags())).toSorted()).toEqual(
      [`${app}:1`, `${registry.host}/team/other:2`].toSorted(),
    )
    const piped = await runCli(['save', `${app}:1`, `${registry.host}/team/other:2`])
    expect(piped.stdoutBytes).toEqual(await readFile(file('a.tar')))
    expect(piped.stderr).toContain(`saved ${app}:1@`)
  })

  test('saves the platform that is asked for', async () => {
    await runCli(['save', '--platform', 'linux/arm64', `${app}:1`, '-o', file('a.tar')])
    await using archive = await openDockerArchive(file('a.tar'))
    expect((await archive.resolve('')).digest).toBe(arm.descriptor.digest)
  })

  test('keeps the index for several platforms', async () => {
    await runCli(['save', '--platform', 'linux/arm64,linux/amd64', `${app}:1`, '-o', file('a.tar')])
    await using archive = await openOciArchive(file('a.tar'))
    expect((await archive.resolve('1')).digest).toBe(index.descriptor.digest)
    await expect(archive.fetch(arm.descriptor)).resolves.toBeDefined()
    await expect(archive.fetch(s390x.descriptor)).rejects.toThrow('is not there')
    const [listed] = await dockerManifest(file('a.tar'))
    expect(listed).toMatchObject({ RepoTags: [`${app}:1`] })
  })

  test('saves everything with --all-platforms --referrers', async () => {
    await runCli(['save', '--all-platforms', '--referrers', `${app}:1`, '-o', file('a.tar')])
    await using archive = await openOciArchive(file('a.tar'))
    expect((await archive.resolve('1')).digest).toBe(index.descriptor.digest)
    await expect(archive.fetch(s390x.descriptor)).resolves.toBeDefined()
    expect((await archive.referrers(amd64.descriptor.digest)).map(({ digest }) => digest)).toEqual([
      sbom.descriptor.digest,
    ])
  })

  test('compresses by the ending', async () => {
    await runCli(['save', `${app}:1`, '-o', file('a.tar')])
    await runCli(['save', `${app}:1`, '-o', file('a.tar.zst')])
    expect(zstdDecompressSync(await readFile(file('a.tar.zst')))).toEqual(await readFile(file('a.tar')))
  })

  test('prints one value or one object for scripts', async () => {
    const quiet = await runCli(['save', '-q', `${app}:1`, '-o', file('a.tar')])
    expect(quiet.stdout).toBe(`${app}:1@${amd64.descriptor.digest}\n`)
    const json = await runCli(['save', '--json', `${app}:1`, '-o', file('a.tar')])
    expect(JSON.parse(json.stdout)).toMatchObject({
      file: file('a.tar'),
      complete: true,
      images: [{ image: `${app}:1`, names: [`${app}:1`], digest: amd64.descriptor.digest }],
    })
    const nowhere = await runCli(['save', '--json', `${app}:1`])
    expect(nowhere.exitCode).toBe(2)
  })

  test('names an image by digest alone by its digest', async () => {
    await runCli(['save', `${app}@${arm.descriptor.digest}`, '-o', file('a.tar')])
    expect(await dockerManifest(file('a.tar'))).toMatchObject([{ RepoTags: null }])
  })

  test('leaves nothing behind when one image is not there, or has no such platform', async () => {
    const missing = await runCli(['save', `${app}:1`, `${app}:nope`, '-o', file('a.tar')])
    expect(missing.stderr).toContain('nope')
    expect(missing.exitCode).toBe(3)
    const platform = await runCli(['save', '--platform', 'linux/riscv64', `${app}:1`, '-o', file('a.tar')])
    expect(platform.stderr).toContain('try: It has linux/amd64, linux/arm64, linux/s390x.')
    expect(platform.exitCode).toBe(3)
    const several = await runCli([
      'save',
      '--platform',
      'linux/amd64,linux/riscv64',
      `${app}:1`,
      '-o',
      file('a.tar'),
    ])
    expect(several.stderr).toContain('no image for linux/riscv64')
    expect(await readdir(directory)).toEqual([])
  })

  test('leaves nothing behind when a layer is damaged', async () => {
    const broken = buildImage({ layers: [{ broken: 'x' }] })
    await pushToRegistry(registry.host, { 'team/broken:1': broken })
    registry.damage(broken.layers[0]?.digest ?? '', Buffer.from('other'))
    const { stdout, stderr, exitCode } = await runCli([
      'save',
      `${app}:1`,
      `${registry.host}/team/broken:1`,
      '-o',
      file('a.tar'),
    ])
    expect(stderr).toContain(broken.layers[0]?.digest)
    expect(stderr).toContain('Nothing was saved')
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
    expect(await readdir(directory)).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')('says that a disk is full', async () => {
    const { stderr, exitCode } = await runCli(['save', `${app}:1`, '-o', '/dev/full'])
    expect(stderr).toContain('no space left on device')
    expect(exitCode).toBe(3)
  })

  test('writes to no terminal', async () => {
    const { stdout, exitCode } = await runCli(['save', `${app}:1`], { tty: true })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })
})

async function dockerManifest(path: string): Promise<unknown[]> {
  const entries = await unpackTar(await readFile(path))
  const data = entries.find(({ header }) => header.name === 'manifest.json')?.data
  const manifest: unknown = JSON.parse(Buffer.from(data ?? '').toString())
  return Array.isArray(manifest) ? Array.from<unknown>(manifest) : []
}
