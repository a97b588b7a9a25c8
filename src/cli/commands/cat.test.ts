import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'

const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 255])
const image = buildImage({
  layers: [
    {
      bin: { type: 'symlink', target: '/usr/bin' },
      'etc/os-release': { type: 'symlink', target: '../usr/lib/os-release' },
      escape: { type: 'symlink', target: '../../../../etc/motd' },
      round: { type: 'symlink', target: 'round' },
      'usr/lib/os-release': 'ID=demo\n',
      'usr/bin/tool': binary,
      'etc/motd': 'old\n',
    },
    { 'etc/motd': 'new\n', 'gone/.wh.x': '' },
    { spiteful: 'a\u001b[2Jb', latin: Buffer.from([0x41, 0xe9, 0x0a]), c1: 'x\u0085y' },
  ],
})
const arm = buildImage({
  layers: [{ 'etc/motd': 'arm\n' }],
  platform: { os: 'linux', architecture: 'arm64' },
})

describe('lading cat', () => {
  let registry: MemoryRegistry
  let name: string
  let temporary: string
  let temporaryBefore: string | undefined

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'lading-test-'))
    temporaryBefore = process.env['TMPDIR']
    await mkdir(join(temporary, 'tmp'))
    process.env['TMPDIR'] = join(temporary, 'tmp')
    registry = await startMemoryRegistry()
    name = `${registry.host}/team/app:1`
    await pushToRegistry(registry.host, { 'team/app:1': image, 'team/app:multi': buildIndex([image, arm]) })
  })

  afterAll(async () => {
    if (temporaryBefore === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = temporaryBefore
    await registry.close()
    await rm(temporary, { recursive: true })
  })

  beforeEach(() => {
    registry.requests.splice(0)
  })

  const blobRequests = (): readonly string[] =>
    registry.requests.flatMap(({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') ? [path.slice(path.lastIndexOf('/') + 1)] : [],
    )

  test('prints a file byte for byte', async () => {
    const { stdoutBytes, stderr, exitCode } = await runCli(['cat', name, '/usr/bin/tool'])
    expect(stdoutBytes).toEqual(binary)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test.each([
    ['/etc/os-release', 'ID=demo\n'],
    ['etc/os-release', 'ID=demo\n'],
    ['/escape', 'new\n'],
    ['/etc/../etc/motd', 'new\n'],
  ])('follows links inside the image: %s', async (path, expected) => {
    expect((await runCli(['cat', name, path])).stdout).toBe(expected)
  })

  test('reads no layer below the one with the file, and neither config nor other layers', async () => {
    await runCli(['cat', name, '/etc/motd'])
    expect(blobRequests()).toEqual([image.layers[2]?.digest, image.layers[1]?.digest])
  })

  test('prints several files in the order in which they are named, and fetches each layer once', async () => {
    const { stdout } = await runCli(['cat', name, '/etc/os-release', '/etc/motd', '/etc/os-release'])
    expect(stdout).toBe('ID=demo\nnew\nID=demo\n')
    expect(blobRequests()).toEqual(image.layers.toReversed().map(({ digest }) => digest))
  })

  test.each([
    ['/etc', 'Cannot print /etc: it is a directory', 'files .+ /etc'],
    ['/nope/x', 'Cannot find /nope/x in the image', 'files .+ /nope'],
    ['/gone/x', 'Cannot find /gone/x in the image', 'files .+ /gone'],
    ['/round', 'Cannot find /round in the image: too many links', 'files .+ /'],
  ])('says why %s cannot be printed, and prints the others', async (path, message, hint) => {
    const { stdout, stderr, exitCode } = await runCli(['cat', name, path, '/etc/motd'])
    expect(stderr).toMatch(new RegExp(`^error: ${message}.*\n {2}try: lading ${hint}\n$`))
    expect({ stdout, exitCode }).toEqual({ stdout: 'new\n', exitCode: 3 })
  })

  test('prints text to a terminal, and nothing that could control it', async () => {
    expect((await runCli(['cat', name, '/etc/motd'], { tty: true })).stdout).toBe('new\n')
    for (const path of ['/usr/bin/tool', '/spiteful', '/c1']) {
      const { stdout, stderr, exitCode } = await runCli(['cat', name, path], { tty: true })
      expect(stderr).toContain(`Cannot print ${path} to a terminal`)
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    }
    expect((await runCli(['cat', name, '/latin'], { tty: true })).exitCode).toBe(0)
  })

  test('prints with --verify only what has the right digest', async () => {
    expect((await runCli(['cat', '--verify', name, '/etc/motd'])).stdout).toBe('new\n')

    const [layer] = image.layers
    if (layer === undefined) throw new Error('the image has no layers')
    // The same file, in another layer than the manifest names.
    const forged = buildImage({ layers: [{ 'usr/lib/os-release': 'ID=evil\n', pad: 'x'.repeat(3000) }] })
    const [bytes] = forged.contents
    registry.damage(layer.digest, bytes?.bytes ?? Buffer.alloc(0))
    try {
      const { stdout, stderr, exitCode } = await runCli(['cat', '--verify', name, '/usr/lib/os-release'])
      expect(stderr).toContain(layer.digest)
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
    } finally {
      const original = image.contents.find(({ descriptor }) => descriptor.digest === layer.digest)
      registry.damage(layer.digest, original?.bytes ?? Buffer.alloc(0))
    }
  })

  test('takes the platform that is asked for', async () => {
    const multi = name.replace(/:1$/, ':multi')
    expect((await runCli(['cat', '--platform', 'linux/arm64', multi, '/etc/motd'])).stdout).toBe('arm\n')
    const { stderr, exitCode } = await runCli(['cat', '--platform', 'linux/s390x', multi, '/etc/motd'])
    expect(stderr).toContain('try: It has linux/amd64, linux/arm64.')
    expect(exitCode).toBe(3)
  })

  test('leaves no temporary file', async () => {
    await runCli(['cat', '--verify', name, '/etc/os-release', '/etc/motd'])
    expect(await readdir(join(temporary, 'tmp'))).toEqual([])
  })

  test('needs a path', async () => {
    const { stderr, exitCode } = await runCli(['cat', name])
    expect(stderr).toContain('it needs IMAGE PATH…')
    expect(exitCode).toBe(2)
  })
})
