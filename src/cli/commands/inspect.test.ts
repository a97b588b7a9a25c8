import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  content,
  type FixtureImage,
  jsonContent,
  jsonDescriptor,
} from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { writeTar } from '../../../test/fixtures/write-tar.ts'

const layerTrees = [{ 'etc/os-release': 'ID=demo\n' }, { 'app/run': 'x'.repeat(5000) }]
const amd64 = buildImage({
  layers: layerTrees,
  config: {
    User: 'app',
    Entrypoint: ['/app/run', '--now'],
    Env: ['PATH=/usr/bin', 'LANG=C.UTF-8'],
    WorkingDir: '/app',
    ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
    Volumes: { '/data': {} },
    Labels: { 'org.opencontainers.image.title': 'Demo' },
    Healthcheck: { Test: ['CMD-SHELL', 'curl localhost'], Interval: 30_000_000_000, Retries: 3 },
    StopSignal: 'SIGQUIT',
  },
  annotations: { 'example.of': 'the manifest' },
})
const arm64 = buildImage({ platform: { os: 'linux', architecture: 'arm64' } })
const attestation = buildArtifact({ payload: 'statement', artifactType: 'application/vnd.in-toto+json' })
const attested = (subject: FixtureImage): FixtureImage => ({
  ...attestation,
  descriptor: {
    ...attestation.descriptor,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': subject.descriptor.digest,
    },
  },
})
const index = buildIndex([amd64, arm64, attested(amd64)], { annotations: { 'example.of': 'the index' } })

describe('lading inspect', () => {
  let registry: MemoryRegistry
  let name: string

  beforeAll(async () => {
    registry = await startMemoryRegistry()
    name = `${registry.host}/team/app`
    await pushToRegistry(registry.host, {
      'team/app:1': index,
      'team/app:single': amd64,
      'team/app:arm': buildIndex([arm64]),
      'team/app:chart': helmChart(),
    })
  })

  afterAll(async () => {
    await registry.close()
  })

  beforeEach(() => {
    registry.requests.splice(0)
  })

  test('shows the index, the image for this machine, and its layers with what made them', async () => {
    const { stdout, stderr, exitCode } = await runCli(['inspect', `${name}:1`])
    const [first, second] = amd64.layers.map(({ digest }) => digest)
    expect(stdout.replace(/\d+ B(?=\s)/g, '100 B').split('\n')).toEqual([
      `${name}:1`,
      `  ${index.descriptor.digest}`,
      '  type  application/vnd.oci.image.index.v1+json',
      '',
      `PLATFORM     DIGEST${' '.repeat(67)}ATTESTED`,
      `linux/amd64  ${amd64.descriptor.digest}  yes`,
      `linux/arm64  ${arm64.descriptor.digest}`,
      '',
      'annotations of the index',
      '  example.of  the index',
      '',
      'linux/amd64',
      `  ${amd64.descriptor.digest}`,
      '  type         application/vnd.oci.image.manifest.v1+json',
      '  size         100 B in 2 layers',
      '  created      1970-01-01T00:00:00Z',
      '  user         app',
      '  entrypoint   ["/app/run", "--now"]',
      '  workdir      /app',
      '  env          PATH=/usr/bin',
      '               LANG=C.UTF-8',
      '  ports        80/tcp, 443/tcp',
      '  volumes      /data',
      '  healthcheck  curl localhost (every 30 s, retries 3)',
      '  stop signal  SIGQUIT',
      '',
      'labels',
      '  org.opencontainers.image.title  Demo',
      '',
      'annotations of the manifest',
      '  example.of  the manifest',
      '',
      ' SIZE  LAYER                                                                    CREATED BY',
      `100 B  ${first}  COPY layer-0 /`,
      `100 B  ${second}  COPY layer-1 /`,
      '',
    ])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('downloads no layer, and one manifest of the index', async () => {
    await runCli(['inspect', `${name}:1`])
    const asked = registry.requests.filter(({ method }) => method === 'GET').map(({ path }) => path)
    expect(asked.filter((path) => path.includes('/manifests/'))).toHaveLength(2)
    expect(asked.filter((path) => path.includes('/blobs/'))).toHaveLength(1)
  })

  test('fits an 80 column terminal, digests whole', async () => {
    const { stdout } = await runCli(['inspect', '--color', 'never', `${name}:1`], { tty: true, columns: 80 })
    const lines = stdout.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines).toContain(`  ${amd64.descriptor.digest}`)
  })

  test('gives programs one object', async () => {
    const unpacked = layerTrees.map((tree) => writeTar(tree).length)
    const { stdout } = await runCli(['inspect', '--json', '--unpacked', '--all-platforms', `${name}:1`])
    expect(JSON.parse(stdout)).toMatchObject({
      image: `${name}:1`,
      name: `${name}@${index.descriptor.digest}`,
      digest: index.descriptor.digest,
      index: {
        annotations: { 'example.of': 'the index' },
        platforms: [
          { platform: 'linux/amd64', layers: 2, attestations: [attestation.descriptor.digest] },
          { platform: 'linux/arm64', layers: 1, layersSize: arm64.layers[0]?.size, attestations: [] },
        ],
        otherAttestations: [],
      },
      manifest: {
        platform: 'linux/amd64',
        digest: amd64.descriptor.digest,
        annotations: { 'example.of': 'the manifest' },
        layers: unpacked.map((unpackedSize) => ({ unpackedSize })),
        unpackedSize: unpacked.reduce((sum, size) => sum + size),
      },
      config: {
        user: 'app',
        entrypoint: ['/app/run', '--now'],
        cmd: null,
        history: {
          aligned: true,
          steps: [
            { createdBy: 'COPY layer-0 /', layer: 0 },
            { createdBy: 'COPY layer-1 /', layer: 1 },
          ],
        },
      },
    })
  })

  test('counts what layers unpack to', async () => {
    const { stdout } = await runCli(['inspect', '--unpacked', `${name}:single`])
    expect(stdout).toMatch(/ {2}size +[\d.]+ B in 2 layers, [\d.]+ KB unpacked\n/)
    expect(stdout).toMatch(/SIZE +UNPACKED +LAYER/)
  })

  test.each([
    [['--raw'], () => index.bytes],
    [['--raw', '--platform', 'linux/arm64'], () => arm64.bytes],
    [['--config'], () => configOf(amd64)],
    [['--config', '--platform', 'linux/arm64'], () => configOf(arm64)],
  ])('%j writes the exact bytes', async (flags, bytes) => {
    const { stdoutBytes, exitCode } = await runCli(['inspect', ...flags, `${name}:1`])
    expect(stdoutBytes.equals(bytes())).toBe(true)
    expect(exitCode).toBe(0)
  })

  test('writes no bytes to a terminal that would control it', async () => {
    const config = content('application/vnd.wasm.config.v0+json', Buffer.from('{"a":"\u009b2J"}'))
    const manifest = jsonContent('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: jsonDescriptor(config.descriptor),
      layers: [],
    })
    await pushToRegistry(registry.host, {
      'team/app:controls': { ...manifest, contents: [config, manifest], images: [], layers: [] },
    })
    const { stdout, stderr } = await runCli(['inspect', '--config', `${name}:controls`], { tty: true })
    expect(stdout).toBe('')
    expect(stderr).toContain('Cannot print the config to a terminal')
    const piped = await runCli(['inspect', '--config', `${name}:controls`])
    expect(piped.stdoutBytes.equals(config.bytes)).toBe(true)
  })

  test('shows only the index where it has nothing for this machine', async () => {
    const { stdout, stderr, exitCode } = await runCli(['inspect', `${name}:1`], {
      host: { os: 'linux', architecture: 's390x' },
    })
    expect(stdout).toContain('linux/amd64')
    expect(stdout).not.toContain('LAYER')
    expect(stderr).toBe('There is no image for linux/s390x: choose one with --platform.\n')
    expect(exitCode).toBe(0)
  })

  test('shows the only image of an index whatever this machine is', async () => {
    const { stdout } = await runCli(['inspect', `${name}:arm`])
    expect(stdout).toMatch(/\nlinux\/arm64\n {2}sha256:/)
  })

  test('fails for a platform that was asked for and is not there', async () => {
    const { stdout, stderr, exitCode } = await runCli(['inspect', '--platform', 'linux/s390x', `${name}:1`])
    expect(stderr).toMatch(/has no image for linux\/s390x\n {2}try: It has linux\/amd64, linux\/arm64\./)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
  })

  test('shows what an artifact is made of', async () => {
    const { stdout } = await runCli(['inspect', `${name}:chart`])
    expect(stdout).toContain('  config type  application/vnd.cncf.helm.config.v1+json\n')
    expect(stdout).toMatch(/\n *SIZE {2}LAYER +TYPE +TITLE\n/)
    expect(stdout).toMatch(/application\/vnd.cncf.helm.chart.content.v1.tar\+gzip {2}demo-0.1.0.tgz\n$/)
  })

  test('lets no text of an image reach the terminal as it is', async () => {
    const evil = '\u001b]0;owned\u0007\u202e'
    const hostile = buildImage({
      config: { Env: [`A=${evil}`], Labels: { [evil]: evil }, User: evil, Cmd: [evil] },
      annotations: { [evil]: evil },
    })
    await pushToRegistry(registry.host, { 'team/app:hostile': hostile })
    const { stdout } = await runCli(['inspect', '--color', 'never', `${name}:hostile`], { tty: true })
    expect(stdout).toContain('owned')
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]/)
  })

  test.each([
    [['--raw', '--config'], /with --raw and --config/],
    [['--config', '--json'], /with --config and --json/],
    [['--raw', '--unpacked'], /with --raw and --unpacked/],
  ])('refuses %j as wrong usage', async (flags, message) => {
    const { stderr, exitCode } = await runCli(['inspect', ...flags, `${name}:1`])
    expect(stderr).toMatch(message)
    expect(exitCode).toBe(2)
  })
})

function configOf(image: FixtureImage): Uint8Array {
  const config = image.contents.find(({ descriptor }) => descriptor.mediaType.includes('config'))
  return config?.bytes ?? new Uint8Array()
}

function helmChart(): FixtureImage {
  const config = jsonContent('application/vnd.cncf.helm.config.v1+json', { name: 'demo', version: '0.1.0' })
  const chart = content('application/vnd.cncf.helm.chart.content.v1.tar+gzip', Buffer.from('chart'))
  const manifest = jsonContent('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: jsonDescriptor(config.descriptor),
    layers: [
      {
        ...jsonDescriptor(chart.descriptor),
        annotations: { 'org.opencontainers.image.title': 'demo-0.1.0.tgz' },
      },
    ],
  })
  return { ...manifest, contents: [config, chart, manifest], images: [], layers: [chart.descriptor] }
}
