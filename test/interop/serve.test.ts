import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../fixtures/build-image.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { because, lacks, peer } from './peer.ts'
import { mustRun } from './run-program.ts'
import { type ServedTools, startServedTools } from './served-tools.ts'

const image = buildImage({ layers: [{ 'etc/os-release': 'ID=served\n' }, { 'app/run': 'run\n' }] })
const other = buildImage({ layers: [{ 'etc/os-release': 'ID=other\n' }] })
const index = buildIndex([image, buildImage({ platform: { os: 'linux', architecture: 'arm64' } })])
const sbom = buildArtifact({ subject: image.descriptor, payload: '{"sbom":true}' })

/** A real image of Docker's, where the test data is beside the checkout. */
const archive = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'testdata',
  'images',
  'dive-test-docker-image.tar',
)

describe.each(['open', 'guarded'] as const)('lading serve, %s', (kind) => {
  let tools: ServedTools
  let layout: string

  beforeAll(async () => {
    tools = await startServedTools(kind)
    layout = join(tools.folder, 'layout')
    await writeLayout(layout, { image, index, other, sbom })
  })

  afterAll(async () => {
    await tools[Symbol.asyncDispose]()
  })

  test.skipIf(lacks('skopeo'))(`takes and gives a real image with skopeo${because('skopeo')}`, async () => {
    const { host, skopeo, skopeoFlags, containersFlags, folder } = tools
    const source = existsSync(archive) ? `docker-archive:${archive}` : `oci:${layout}:image`
    const pushed = `docker://${host}/skopeo/app:1`
    await skopeo('copy', ...skopeoFlags.dest, source, pushed)
    await skopeo('copy', ...skopeoFlags.src, pushed, `dir:${join(folder, 'out')}`)
    const manifest = await readFile(join(folder, 'out', 'manifest.json'))
    const digest = await skopeo('inspect', ...containersFlags, '--format={{.Digest}}', pushed)
    expect(digest).toBe(`sha256:${createHash('sha256').update(manifest).digest('hex')}`)
    const layers = manifest.toString().match(/(?<=sha256:)[0-9a-f]{64}/g) ?? []
    expect(layers.length).toBeGreaterThan(1)
    for (const layer of layers) {
      const bytes = await readFile(join(folder, 'out', layer))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(layer)
    }
  })

  test.skipIf(lacks('skopeo'))(
    `keeps an index with all its images with skopeo${because('skopeo')}`,
    async () => {
      const { host, skopeo, skopeoFlags, containersFlags } = tools
      const pushed = `docker://${host}/skopeo/index:1`
      await skopeo('copy', '--all', '--preserve-digests', ...skopeoFlags.dest, `oci:${layout}:index`, pushed)
      const raw = await skopeo('inspect', '--raw', ...containersFlags, pushed)
      expect(raw).toBe(Buffer.from(index.bytes).toString().trimEnd())
      const copied = `docker://${host}/skopeo/copied/index:1`
      await skopeo('copy', '--all', ...skopeoFlags.src, ...skopeoFlags.dest, pushed, copied)
      expect(
        JSON.parse(await skopeo('list-tags', ...containersFlags, copied.replace(/:1$/, ''))),
      ).toMatchObject({
        Tags: ['1'],
      })
      await skopeo('delete', ...containersFlags, copied)
      await expect(skopeo('inspect', '--raw', ...containersFlags, copied)).rejects.toThrow(/manifest unknown/)
    },
  )

  test.skipIf(lacks('podman') || process.getuid?.() !== 0)(
    `is pulled from and pushed to by podman${because('podman')}${process.getuid?.() === 0 ? '' : ' (skipped: not root)'}`,
    async () => {
      const { host, podman, lading, containersFlags } = tools
      await lading('copy', `oci:${layout}:image`, `${host}/podman/app:1`)
      const id = await podman('pull', '--quiet', ...containersFlags, `${host}/podman/app:1`)
      await podman('push', '--quiet', ...containersFlags, id, `docker://${host}/podman/back:2`)
      await podman('rmi', '--all')
      expect(await podman('pull', '--quiet', ...containersFlags, `${host}/podman/back:2`)).toBe(id)
    },
  )

  test.skipIf(lacks('crane'))(
    `is pushed, copied, listed and deleted by crane${because('crane')}`,
    async () => {
      const { host, crane, folder } = tools
      await tools.lading('copy', `oci:${layout}:index`, `${host}/crane/app:1`)
      expect(await crane('digest', `${host}/crane/app:1`)).toBe(index.descriptor.digest)
      await crane('copy', `${host}/crane/app:1`, `${host}/crane/copy:1`)
      await crane('tag', `${host}/crane/copy:1`, '2')
      expect(await crane('ls', `${host}/crane/copy`)).toBe('1\n2')
      expect((await crane('catalog', host)).split('\n')).toEqual(
        expect.arrayContaining(['crane/app', 'crane/copy']),
      )
      const tarball = join(folder, 'crane.tar')
      await crane('pull', '--platform=linux/amd64', `${host}/crane/app:1`, tarball)
      await crane('push', tarball, `${host}/crane/pushed:1`)
      expect(await crane('validate', '--remote', `${host}/crane/pushed:1`)).toMatch(/PASS/)
      await crane('delete', `${host}/crane/copy@${index.descriptor.digest}`)
      expect(await crane('ls', `${host}/crane/copy`)).toBe('')
      expect(await crane('digest', `${host}/crane/app:1`)).toBe(index.descriptor.digest)
    },
  )

  test.skipIf(lacks('regctl'))(
    `takes copies, single tags and artifacts from regctl${because('regctl')}`,
    async () => {
      const { host, regctl, lading } = tools
      await lading('copy', `oci:${layout}:image`, `${host}/regctl/app:1`)
      await regctl('image', 'copy', `${host}/regctl/app:1`, `${host}/regctl/copy:1`)
      await regctl('image', 'copy', `${host}/regctl/copy:1`, `${host}/regctl/copy:2`)
      await regctl(
        'artifact',
        'put',
        '--artifact-type=application/example',
        `--subject=${host}/regctl/copy:1`,
        '--file',
        join(layout, 'oci-layout'),
      )
      expect(
        await regctl('artifact', 'list', '--format={{json .Descriptors}}', `${host}/regctl/copy:1`),
      ).toContain('"application/example"')
      await regctl('tag', 'rm', `${host}/regctl/copy:1`)
      expect(await regctl('tag', 'ls', `${host}/regctl/copy`)).toBe('2')
      expect(await regctl('manifest', 'head', `${host}/regctl/copy@${image.descriptor.digest}`)).toBe(
        image.descriptor.digest,
      )
      expect((await regctl('repo', 'ls', host)).split('\n')).toContain('regctl/copy')
    },
  )

  test.skipIf(lacks('docker'))(`gives manifests to the docker client${because('docker')}`, async () => {
    const { host, docker, lading } = tools
    await lading('copy', `oci:${layout}:index`, `${host}/docker/index:1`)
    // The client believes the authority in SSL_CERT_FILE; without TLS it has to be told.
    const flags = kind === 'open' ? ['--insecure'] : []
    const inspected = await docker('manifest', 'inspect', ...flags, `${host}/docker/index:1`)
    for (const { descriptor } of index.images) expect(inspected).toContain(descriptor.digest)
  })

  // The client pushes lists to loopback addresses by http alone.
  test.skipIf(lacks('docker') || kind === 'guarded')(
    `takes manifest lists from the docker client${because('docker')}`,
    async () => {
      const { host, docker, lading } = tools
      const docked = buildIndex([buildImage({ format: 'docker' })], { format: 'docker' })
      const source = join(tools.folder, 'docked')
      await writeLayout(source, { docked })
      await lading('copy', `oci:${source}:docked`, `${host}/docker/app:1`)
      const first = docked.images[0]?.descriptor.digest ?? ''
      const list = `${host}/docker/list:1`
      await docker('manifest', 'create', '--insecure', list, `${host}/docker/app@${first}`)
      const digest = await docker('manifest', 'push', '--insecure', list)
      expect(digest.split('\n').at(-1)).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(await docker('manifest', 'inspect', '--insecure', list)).toContain(first)
    },
  )

  test('is used by lading itself: copy, tag, referrers, delete', async () => {
    const { host, lading } = tools
    const app = `${host}/lading/app`
    await lading('copy', `oci:${layout}:image`, `${app}:1`)
    await lading('tag', `${app}:1`, '1.0', 'latest')
    expect(await lading('tags', app)).toBe('latest\n1\n1.0')
    await lading('copy', `oci:${layout}:sbom`, `${app}:sbom`)
    expect(await lading('referrers', '--quiet', `${app}:1`)).toContain(sbom.descriptor.digest)
    await lading('copy', `${app}:1`, `${host}/lading/copied:1`)
    expect(await lading('referrers', '--quiet', `${host}/lading/copied:1`)).toContain(sbom.descriptor.digest)
    await lading('delete', '--apply', `${app}:latest`)
    expect(await lading('resolve', '--quiet', `${app}:1.0`)).toBe(`${app}@${image.descriptor.digest}`)
    await expect(lading('resolve', `${app}:latest`)).rejects.toThrow(/does not have it/)
    await lading('delete', '--apply', `${app}@${image.descriptor.digest}`)
    expect(await lading('tags', app)).toBe('sbom')
  })

  test.skipIf(lacks('crane'))(`moves a tag and keeps the digest${because('crane')}`, async () => {
    const { host, crane, lading } = tools
    await lading('copy', `oci:${layout}:image`, `${host}/moved/app:latest`)
    await lading('copy', `oci:${layout}:other`, `${host}/moved/app:latest`)
    expect(await crane('digest', `${host}/moved/app:latest`)).toBe(other.descriptor.digest)
    expect(await crane('digest', `${host}/moved/app@${image.descriptor.digest}`)).toBe(
      image.descriptor.digest,
    )
  })
})

test.skipIf(lacks('crane'))(
  `nobody reads a guarded server without its password${because('crane')}`,
  async () => {
    await using tools = await startServedTools('guarded')
    await tools.lading('copy', `oci:${await ownLayout(tools)}:image`, `${tools.host}/team/app:1`)
    const strangers = { DOCKER_CONFIG: join(tools.folder, 'nothing'), HOME: join(tools.folder, 'nobody') }
    const asked = mustRun(peer('crane'), ['digest', `${tools.host}/team/app:1`], {
      environment: { ...strangers, SSL_CERT_FILE: join(tools.folder, 'certificates', 'ca.crt') },
    })
    await expect(asked).rejects.toThrow(/UNAUTHORIZED|401|unauthorized/)
  },
)

async function ownLayout({ folder }: ServedTools): Promise<string> {
  const path = join(folder, 'own')
  await writeLayout(path, { image })
  return path
}
