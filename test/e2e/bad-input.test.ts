import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  buildImage,
  buildIndex,
  content,
  type FixtureImage,
  jsonContent,
  jsonDescriptor,
} from '../fixtures/build-image.ts'
import { startServer, startTlsServer } from '../fixtures/http-server.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../fixtures/memory-registry.ts'
import { pushToRegistry } from '../fixtures/push-to-registry.ts'
import { type CliResult, runCli } from '../fixtures/run-cli.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { writeTar } from '../fixtures/write-tar.ts'

const image = buildImage({ layers: [{ 'etc/os-release': 'ID=demo\n' }] })

/** What every refusal is: one line that says what and why, perhaps one that says what to try, and no answer. */
function expectRefusal(result: CliResult, exitCode: number, reason: RegExp | string): void {
  const lines = result.stderr.split('\n').filter((line) => !/^(?:copied |\d+ manifests? and )/.test(line))
  expect(lines[0]).toMatch(/^error: Cannot [^\n]+: [^\n]+$/)
  expect(lines[0]).toMatch(reason)
  expect(lines.slice(1).join('\n')).toMatch(/^(?: {2}try: [^\n]+\n?)?$/)
  expect(result.stderr).not.toMatch(/unexpected|at .*\.ts:\d/)
  expect(result.stdout).toBe('')
  expect(result.exitCode).toBe(exitCode)
}

let directory: string
let target: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
  target = join(directory, 'target')
  await mkdir(target)
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

describe('a registry', () => {
  let registry: MemoryRegistry
  let name: string

  beforeEach(async () => {
    registry = await startMemoryRegistry()
    name = `${registry.host}/team/app:1`
    await pushToRegistry(registry.host, { 'team/app:1': image })
  })

  afterEach(async () => {
    await registry.close()
  })

  /** Tries every verb that would write something, and sees that nothing is. */
  async function expectNothingWritten(exitCode: number, reason: RegExp | string): Promise<void> {
    for (const words of [
      ['save', name, '-o', join(target, 'image.tar')],
      ['export', name, '-o', join(target, 'root.tar')],
      ['copy', name, `oci-archive:${join(target, 'image.tar')}`],
    ]) {
      expectRefusal(await runCli(words), exitCode, reason)
      expect(await readdir(target)).toEqual([])
    }
  }

  test('that nobody knows', async () => {
    expectRefusal(await runCli(['resolve', 'registry.invalid/app:1']), 3, 'registry.invalid')
  })

  test.each([
    ['Python', 'lower'],
    ['a/b:c:d', 'a/b:c:d'],
    ['app@sha256:12', 'digest'],
    ['', 'empty'],
    ['http://example.com/app', 'http'],
    ['app:1\n2', 'app'],
  ])('and a name that is none: %j', async (wrong, reason) => {
    expectRefusal(await runCli(['resolve', wrong]), 2, reason)
  })

  test('without the tag', async () => {
    expectRefusal(await runCli(['resolve', `${registry.host}/team/app:2`]), 3, 'team/app:2')
  })

  test('that wants another password', async () => {
    const guarded = await startMemoryRegistry({ auth: { kind: 'basic', username: 'me', password: 'right' } })
    try {
      const environment = { HOME: directory }
      const words = ['login', '-u', 'me', '--password-stdin', guarded.host]
      const result = await runCli(words, { stdin: 'wrong', environment })
      expectRefusal(result, 3, guarded.host)
      expect(result.stderr).not.toContain('wrong')
      expect(await readdir(directory)).toEqual(['target'])
    } finally {
      await guarded.close()
    }
  })

  test('whose certificate is not trusted', async () => {
    await using server = await startTlsServer((_request, response) => response.end())
    const result = await runCli(['resolve', `localhost:${server.port}/app:1`])
    expectRefusal(result, 3, /certificate/)
  })

  test('that gives another manifest than the digest says', async () => {
    registry.damage(image.descriptor.digest, buildImage().bytes)
    name = `${registry.host}/team/app@${image.descriptor.digest}`
    await expectNothingWritten(3, image.descriptor.digest)
  })

  test.each([
    ['cuts a blob short', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['sends more than a blob', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('x')])],
    [
      'sends another blob',
      (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 60 ? ~byte : byte)),
    ],
  ])('that %s', async (_what, change) => {
    const [layer] = image.layers
    const bytes = image.contents.find(({ descriptor }) => descriptor.digest === layer?.digest)?.bytes
    if (layer === undefined || bytes === undefined) throw new Error('no layer')
    registry.damage(layer.digest, change(bytes))
    await expectNothingWritten(3, layer.digest)
  })

  test('that has a manifest of schema 1', async () => {
    const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
    const old = JSON.stringify({ schemaVersion: 1, name: 'app', tag: '1', fsLayers: [], history: [] })
    await using server = await startServer((request, response) => {
      response.writeHead(200, { 'content-type': type, 'content-length': old.length })
      response.end(request.method === 'HEAD' ? '' : old)
    })
    for (const verb of ['inspect', 'files', 'save']) {
      expectRefusal(await runCli([verb, `127.0.0.1:${server.port}/app:1`]), 3, /schema (?:version )?1/i)
    }
  })

  test('without the platform', async () => {
    const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64' } })
    await pushToRegistry(registry.host, { 'team/app:arm': buildIndex([arm]) })
    name = `${registry.host}/team/app:arm`
    const result = await runCli(['export', name, '-o', join(target, 'root.tar')])
    expectRefusal(result, 3, 'linux/amd64')
    expect(result.stderr).toContain('linux/arm64')
    expect(await readdir(target)).toEqual([])
  })

  test('that refuses an index of which not all is there', async () => {
    const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64' } })
    await pushToRegistry(registry.host, { 'team/app:both': buildIndex([image, arm]) })
    const words = [
      'copy',
      '--platform',
      'linux/arm64',
      `${registry.host}/team/app:both`,
      `${registry.host}/sparse:1`,
    ]
    const result = await runCli(words)
    expectRefusal(result, 3, registry.host)
    expect(result.stderr).toContain('--strip-platforms')
    expect([...registry.tags('sparse')]).toEqual([])
  })
})

describe('an archive', () => {
  const archives: Record<string, [bytes: Uint8Array, reason: string]> = {
    'that is empty': [Buffer.of(), 'nothing in it'],
    'that is text': [Buffer.from('<html>'.repeat(200)), 'checksum'],
    'that is cut short': [writeTar({ 'oci-layout': 'x'.repeat(2000) }).subarray(0, 1000), 'cut short'],
    'that is cut short, compressed': [gzipSync(writeTar({ a: 'x' })).subarray(0, 40), 'cut short'],
    'whose compression is damaged': [damagedGzip(), 'Cannot read'],
    'of a file system': [writeTar({ 'etc/passwd': 'root' }), 'no '],
    'that names a file outside': [
      writeTar({ 'manifest.json': '[{"Config":"../../etc/passwd","Layers":[]}]' }),
      'out of the archive',
    ],
    'that links to a file outside': [
      writeTar({
        'config.json': { type: 'symlink', target: '../../etc/passwd' },
        'manifest.json': '[{"Config":"config.json","Layers":[]}]',
      }),
      'out of the archive',
    ],
    'that names what is not in it': [
      writeTar({ 'manifest.json': '[{"Config":"/etc/passwd","Layers":[]}]' }),
      'there is no file "/etc/passwd" in it',
    ],
    'that holds no image': [writeTar({ 'manifest.json': '[]' }), 'it holds none'],
    'that is a bomb': [bomb(), 'times as many'],
  }

  test.each(Object.entries(archives))('%s', async (_what, [bytes, reason]) => {
    const file = join(directory, 'archive')
    await writeFile(file, bytes)
    for (const words of [
      ['inspect', `docker-archive:${file}`],
      ['copy', `docker-archive:${file}`, `oci:${join(target, 'layout')}`],
      ['load', '-i', file, `oci:${join(target, 'layout')}`],
    ]) {
      expectRefusal(await runCli(words), 3, reason)
      expect(await readdir(target)).toEqual([])
    }
    const result = await runCli(['load', '-i', '-', `oci:${join(target, 'layout')}`], { stdin: bytes })
    expectRefusal(result, 3, reason)
    expect(await readdir(target)).toEqual([])
  })
})

describe('a layer', () => {
  const layers: Record<string, [bytes: Uint8Array, reason: string]> = {
    'with a file above the root': [writeTar({ '../f': '' }), 'leaves the root'],
    'with a hard link out of the root': [
      writeTar({ f: { type: 'hardlink', target: '../../f' } }),
      'leaves the root',
    ],
    'with links in a circle': [
      writeTar({ a: { type: 'symlink', target: 'b' }, b: { type: 'symlink', target: 'a' }, 'a/f': '' }),
      'in a circle',
    ],
    'that is cut short': [writeTar({ f: 'x'.repeat(2000) }).subarray(0, 1000), 'cut short'],
    'that is no archive': [Buffer.from('<html>'.repeat(200)), 'checksum'],
    'whose compression is damaged': [damagedGzip(), 'Cannot read'],
    'compressed with xz': [Buffer.from('fd377a585a0000', 'hex'), 'xz'],
    'that is a bomb': [bomb(), 'times as many'],
  }

  test.each(Object.entries(layers))('%s', async (_what, [bytes, reason]) => {
    await writeLayout(join(directory, 'layout'), { '1': imageOf(bytes) })
    const name = `oci:${join(directory, 'layout')}:1`
    expectRefusal(await runCli(['files', name]), 3, reason)
    expectRefusal(await runCli(['cat', name, '/not-there']), 3, reason)
    expectRefusal(await runCli(['export', name, '-o', join(target, 'root.tar')]), 3, reason)
    expect(await readdir(target)).toEqual([])
  })

  test('that leads to files of the reader', async () => {
    const bytes = writeTar({
      d: { type: 'symlink', target: '../../../../../../etc' },
      'd/passwd': 'of the image',
    })
    await writeLayout(join(directory, 'layout'), { '1': imageOf(bytes) })
    const { stdout } = await runCli(['cat', `oci:${join(directory, 'layout')}:1`, '/d/passwd'])
    expect(stdout).toBe('of the image')
  })
})

describe('a layout', () => {
  test('whose links lead out of it', async () => {
    const layout = join(directory, 'layout')
    await writeLayout(layout, { '1': image })
    await rm(join(layout, 'index.json'))
    await writeFile(join(directory, 'secret'), '{}')
    await symlink('../secret', join(layout, 'index.json'))
    expectRefusal(await runCli(['inspect', `oci:${layout}`]), 3, 'leads out of the layout')
    await writeLayout(join(directory, 'other'), { '1': image })
    const copy = await runCli(['copy', `oci:${join(directory, 'other')}:1`, `oci:${layout}:2`])
    expectRefusal(copy, 3, 'leads out of the layout')
    expect(await readFile(join(directory, 'secret'), 'utf8')).toBe('{}')
  })
})

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  test.each([
    ['save', (name: string) => ['save', name, '-o', '/dev/full']],
    ['export', (name: string) => ['export', name, '-o', '/dev/full']],
    ['copy', (name: string) => ['copy', name, 'oci-archive:/dev/full']],
  ])('%s', async (_verb, words) => {
    await writeLayout(join(directory, 'layout'), { '1': image })
    const result = await runCli(words(`oci:${join(directory, 'layout')}:1`))
    expectRefusal(result, 3, 'no space left on device')
  })
})

function bomb(): Uint8Array {
  return zstdCompressSync(writeTar({ f: Buffer.alloc(64 * 1024 * 1024) }))
}

function damagedGzip(): Uint8Array {
  const bytes = gzipSync(writeTar({ a: 'x'.repeat(3000) }))
  return Uint8Array.from(bytes, (byte, at) => (at === 20 ? ~byte : byte))
}

/** An image of one layer, whose bytes are what they are. */
function imageOf(bytes: Uint8Array): FixtureImage {
  const layer = content('application/vnd.oci.image.layer.v1.tar', bytes)
  const config = jsonContent('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
  })
  const manifest = jsonContent('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: jsonDescriptor(config.descriptor),
    layers: [jsonDescriptor(layer.descriptor)],
  })
  return {
    descriptor: { ...manifest.descriptor, platform: { os: 'linux', architecture: 'amd64' } },
    bytes: manifest.bytes,
    contents: [layer, config, manifest],
    images: [],
    layers: [layer.descriptor],
  }
}
