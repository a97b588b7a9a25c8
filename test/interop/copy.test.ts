import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../fixtures/build-image.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { type DockerRegistry, startDockerRegistry } from './docker-registry.ts'
import { because, lacks, peer } from './peer.ts'
import { mustLading } from './run-lading.ts'
import { mustRun } from './run-program.ts'
import { withFolder } from './with-folder.ts'

const image = buildImage({
  layers: [{ 'etc/os-release': 'ID=interop\n' }, { files: { 'app/run': 'run\n' }, compression: 'zstd' }],
  config: { Cmd: ['/app/run'], Labels: { made: 'by interop' } },
})
const index = buildIndex([
  image,
  buildImage({
    layers: [{ 'etc/os-release': 'ID=arm\n' }],
    platform: { os: 'linux', architecture: 'arm64' },
  }),
])
const plain = buildImage({ layers: [{ 'etc/os-release': 'ID=docker\n' }] })
const names = ['image', 'index', 'docker'] as const
const peers = ['docker-registry', 'skopeo'] as const
const sbom = buildArtifact({ subject: image.descriptor, payload: '{"sbom":true}' })

describe.skipIf(lacks(...peers))(`images that skopeo pushed${because(...peers)}`, () => {
  const digests = new Map<string, string>()
  let first: DockerRegistry
  let second: DockerRegistry

  beforeAll(async () => {
    ;[first, second] = await Promise.all([startDockerRegistry(), startDockerRegistry()])
    await withFolder(async (folder) => {
      const layout = join(folder, 'layout')
      await writeLayout(layout, { image, index, docker: plain })
      for (const name of names) {
        const pushed = `docker://${first.host}/app:${name}`
        await mustRun(peer('skopeo'), [
          '--insecure-policy',
          'copy',
          '--dest-tls-verify=false',
          // Docker's own media types come from skopeo's conversion, the others stay as they are.
          ...(name === 'docker' ? ['--format=v2s2'] : ['--all', '--preserve-digests']),
          `oci:${layout}:${name}`,
          pushed,
        ])
        digests.set(
          name,
          `sha256:${createHash('sha256')
            .update(await raw(pushed))
            .digest('hex')}`,
        )
      }
    })
  })

  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()])
  })

  test.each(names)('%s is resolved to the digest that it has', async (name) => {
    expect(await mustLading(['resolve', '--quiet', `${first.host}/app:${name}`])).toBe(
      `${first.host}/app@${digests.get(name)}`,
    )
  })

  test('what was pushed with its digest is found under it', () => {
    expect(digests.get('image')).toBe(image.descriptor.digest)
    expect(digests.get('index')).toBe(index.descriptor.digest)
    expect(digests.get('docker')).not.toBe(plain.descriptor.digest)
  })

  test.each(names)('%s keeps its digest from registry to layout to archive to registry', async (name) => {
    await withFolder(async (folder) => {
      const layout = `oci:${join(folder, 'layout')}:${name}`
      const archive = `oci-archive:${join(folder, 'archive.tar')}:${name}`
      const back = `${second.host}/round/trip:${name}`
      await mustLading(['copy', `${first.host}/app:${name}`, layout])
      await mustLading(['copy', layout, archive])
      await mustLading(['copy', archive, back])
      expect(await mustLading(['resolve', '--quiet', back])).toBe(
        `${second.host}/round/trip@${digests.get(name)}`,
      )
      expect(await raw(`docker://${back}`)).toBe(await raw(`docker://${first.host}/app:${name}`))
    })
  })

  test('what refers to an image goes with it, and is found where it went', async () => {
    await withFolder(async (folder) => {
      const layout = join(folder, 'layout')
      await writeLayout(layout, { one: image, '': sbom })
      await mustLading(['copy', `oci:${layout}:one`, `${second.host}/attached:one`])
      const tag = image.descriptor.digest.replace(':', '-')
      expect(await raw(`docker://${second.host}/attached:${tag}`)).toContain(sbom.descriptor.digest)
    })
  })
})

async function raw(place: string): Promise<string> {
  return mustRun(peer('skopeo'), ['inspect', '--raw', '--tls-verify=false', place])
}
