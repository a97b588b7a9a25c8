import { createServer } from 'node:http'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { collect } from '../../../test/fixtures/collect.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { writeTar } from '../../../test/fixtures/write-tar.ts'
import { createDockerArchive, createOciArchive, openLayout } from '../../stores/index.ts'

const amd64 = buildImage()
const arm = buildImage({ layers: [{ arm: 'arm' }], platform: { os: 'linux', architecture: 'arm64' } })
const index = buildIndex([amd64, arm])
const other = buildImage({ layers: [{ other: 'other' }] })
const sbom = buildArtifact({ subject: amd64.descriptor })

describe('lading load', () => {
  let registry: MemoryRegistry
  let directory: string

  beforeAll(async () => {
    registry = await startMemoryRegistry()
  })

  afterAll(async () => {
    await registry.close()
  })

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
    await using archive = createDockerArchive(file('two.tar'))
    await pushImage(archive, index, 'team/app:1')
    await pushImage(archive, sbom)
    await archive.tag(index.descriptor, 'team/app:latest')
    await pushImage(archive, other, 'other:2')
    await archive.commit()
    await using single = createOciArchive(file('one.tar'))
    await pushImage(single, amd64, 'v1')
    await single.commit()
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  const file = (name: string): string => join(directory, name)

  test('refuses standard output as a destination, which would mix an archive with what is said', async () => {
    const result = await runCli(['load', '-i', 'image.tar', 'oci-archive:-'])
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test('pushes every image under its tags to a repository', async () => {
    const { stdout, exitCode } = await runCli(['load', '-i', file('two.tar'), `${registry.host}/all`])
    expect(stdout.split('\n').toSorted()).toEqual(
      [
        '',
        `loaded ${registry.host}/all:1@${index.descriptor.digest}`,
        `loaded ${registry.host}/all:2@${other.descriptor.digest}`,
      ].toSorted(),
    )
    expect(exitCode).toBe(0)
    expect(Object.fromEntries(registry.tags('all'))).toMatchObject({
      1: index.descriptor.digest,
      latest: index.descriptor.digest,
      2: other.descriptor.digest,
    })
  })

  test('brings what is attached to an image along, unless told not to', async () => {
    await runCli(['load', '-i', file('two.tar'), `oci:${file('with')}`])
    await runCli(['load', '--no-referrers', '-i', file('two.tar'), `oci:${file('without')}`])
    expect(await referrerDigests(file('with'))).toEqual([sbom.descriptor.digest])
    expect(await referrerDigests(file('without'))).toEqual([])
  })

  test('reads standard input, compressed, into a layout under the names in the archive', async () => {
    const { stdout, exitCode } = await runCli(['load', `oci:${file('layout')}`], {
      stdin: gzipSync(await readFile(file('two.tar'))),
    })
    expect(stdout).toContain(`loaded oci:${file('layout')}:team/app:1@${index.descriptor.digest}`)
    expect(exitCode).toBe(0)
    const layout = await openLayout(file('layout'))
    expect((await collect(layout.tags())).toSorted()).toEqual(['other:2', 'team/app:1', 'team/app:latest'])
  })

  test('gives the only image the name of the destination', async () => {
    const { stdout } = await runCli(['load', '-q', '-i', file('one.tar'), `${registry.host}/named:x`])
    expect(stdout).toBe(`${registry.host}/named:x@${amd64.descriptor.digest}\n`)
    const two = await runCli(['load', '-i', file('two.tar'), `${registry.host}/named:y`])
    expect(two.stderr).toContain('A destination without a tag takes all:')
    expect(two.exitCode).toBe(2)
    expect([...registry.tags('named').keys()]).toEqual(['x'])
  })

  test('uses the tag of an OCI archive at a registry', async () => {
    await runCli(['load', '-i', file('one.tar'), `${registry.host}/oci`])
    expect([...registry.tags('oci').keys()]).toEqual(['v1'])
  })

  test('takes the platform that is asked for', async () => {
    const layout = `oci:${file('layout')}`
    const missing = await runCli(['load', '-q', '--platform', 'arm64', '-i', file('two.tar'), layout])
    expect(missing.stderr).toMatch(/no image for linux\/arm64\n {2}try: It has linux\/amd64\./)
    expect({ stdout: missing.stdout, exitCode: missing.exitCode }).toEqual({ stdout: '', exitCode: 3 })
    await using archive = createDockerArchive(file('app.tar'))
    await pushImage(archive, index, 'team/app:1')
    await archive.commit()
    const one = await runCli(['load', '-q', '--platform', 'arm64', '-i', file('app.tar'), layout])
    expect(one.stdout).toBe(`${layout}:team/app:1@${arm.descriptor.digest}\n`)
  })

  test('prints one JSON object', async () => {
    const { stdout } = await runCli(['load', '--json', '-i', file('one.tar'), `${registry.host}/json`])
    expect(JSON.parse(stdout)).toMatchObject({
      file: file('one.tar'),
      destination: `${registry.host}/json`,
      complete: true,
      images: [
        {
          image: 'v1',
          names: ['v1'],
          reference: `${registry.host}/json:v1@${amd64.descriptor.digest}`,
          digest: amd64.descriptor.digest,
        },
      ],
    })
  })

  test('loads into a Docker daemon by default: the image for this machine, under its names', async () => {
    const socket = file('docker.sock')
    const { promise: posted, resolve: post } = Promise.withResolvers<Buffer>()
    const daemon = createServer((request, response) => {
      void (async () => {
        const body = Buffer.concat(await collect(request))
        if (request.method === 'POST') post(body)
        response.setHeader('content-type', 'application/json')
        response.end(
          request.url?.endsWith('/version') === true
            ? '{"ApiVersion":"1.47","MinAPIVersion":"1.24","Os":"linux","Arch":"amd64"}'
            : '{"stream":"Loaded image: other:2"}',
        )
      })()
    })
    const { promise: listening, resolve: listens } = Promise.withResolvers<void>()
    daemon.listen(socket, listens)
    await listening
    try {
      const { stdout, stderr, exitCode } = await runCli(['load', '-i', file('two.tar')], {
        environment: { DOCKER_HOST: `unix://${socket}` },
      })
      expect({ stderr, exitCode }).toMatchObject({ exitCode: 0 })
      expect(stdout).toContain(`loaded docker-daemon:team/app:1@${amd64.descriptor.digest}\n`)
      await writeFile(file('posted.tar'), await posted)
      const list = await runCli(['tags', `docker-archive:${file('posted.tar')}`])
      expect(list.stdout.trimEnd().split('\n').toSorted()).toEqual([
        'other:2',
        'team/app:1',
        'team/app:latest',
      ])
    } finally {
      daemon.closeAllConnections()
      daemon.close()
    }
  })

  test.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, 3000), 'cut short'],
    ['is no archive', () => Buffer.from('<!doctype html>'.repeat(100)), 'Cannot read'],
    ['holds no image', () => Buffer.from(writeTar({ 'etc/hostname': 'x' })), 'no file manifest.json'],
    ['is empty', () => Buffer.alloc(0), 'Cannot'],
    [
      'names files outside',
      () =>
        Buffer.from(
          writeTar({
            'manifest.json': JSON.stringify([
              { Config: '../../etc/passwd', RepoTags: ['x:1'], Layers: ['/etc/shadow'] },
            ]),
          }),
        ),
      'Cannot',
    ],
  ])('writes nothing where the archive %s', async (_what, make, message) => {
    await writeFile(file('bad.tar'), make(await readFile(file('two.tar'))))
    for (const destination of [`oci:${file('layout')}`, `docker-archive:${file('out.tar')}`]) {
      const { stdout, stderr, exitCode } = await runCli(['load', '-i', file('bad.tar'), destination])
      expect(stderr).toContain(message)
      expect(stderr).not.toContain('unexpected')
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
    }
    expect((await readdir(directory)).toSorted()).toEqual(['bad.tar', 'one.tar', 'two.tar'])
  })

  test('writes no archive where a blob is damaged', async () => {
    const bytes = await readFile(file('one.tar'))
    const layer = amd64.contents[0]
    const at = bytes.indexOf(layer?.bytes ?? '')
    bytes.writeUInt8(bytes.readUInt8(at + 10) ^ 1, at + 10)
    await writeFile(file('bad.tar'), bytes)
    const { stdout, stderr, exitCode } = await runCli([
      'load',
      '-i',
      file('bad.tar'),
      `oci-archive:${file('out.tar')}`,
    ])
    expect(stderr).toContain(layer?.descriptor.digest)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
    expect((await readdir(directory)).toSorted()).toEqual(['bad.tar', 'one.tar', 'two.tar'])
  })

  test('says what to do where the archive has some platforms of an index only', async () => {
    await using sparse = createDockerArchive(file('sparse.tar'))
    await pushImage(sparse, amd64)
    await pushImage(sparse, { ...index, contents: index.contents.slice(-1) }, 'team/app:1')
    await sparse.commit()
    const whole = await runCli(['load', '-i', file('sparse.tar'), `${registry.host}/sparse`])
    expect(whole.stderr).toMatch(/ is not there\n {2}try: .*--platform/)
    expect(whole.exitCode).toBe(3)
    const chosen = await runCli([
      'load',
      '-q',
      '--platform',
      'linux/amd64',
      '-i',
      file('sparse.tar'),
      `${registry.host}/sparse`,
    ])
    expect(chosen.stdout).toBe(`${registry.host}/sparse:1@${amd64.descriptor.digest}\n`)
  })

  test('needs an archive', async () => {
    const terminal = await runCli(['load'], { tty: true })
    expect(terminal.stderr).toContain('lading load -i FILE')
    expect(terminal.exitCode).toBe(2)
    const missing = await runCli(['load', '-i', file('nope.tar'), `oci:${file('layout')}`])
    expect(missing.stderr).toContain('there is no such file')
    expect(missing.exitCode).toBe(3)
  })
})

async function referrerDigests(layout: string): Promise<readonly string[]> {
  const referrers = await (await openLayout(layout)).referrers(amd64.descriptor.digest)
  return referrers.map(({ digest }) => digest)
}
