import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage, buildIndex } from '../fixtures/build-image.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { type DockerRegistry, startDockerRegistry } from './docker-registry.ts'
import { because, lacks, peer } from './peer.ts'
import { mustLading } from './run-lading.ts'
import { mustRun } from './run-program.ts'
import { withFolder } from './with-folder.ts'

const image = buildImage({
  layers: [{ etc: { type: 'directory' }, 'etc/os-release': 'ID=interop\n' }, { 'etc/motd': 'hello\n' }],
})
const index = buildIndex([image, buildImage({ platform: { os: 'linux', architecture: 'arm64' } })])
const { digest } = image.descriptor

describe('what Lading wrote is accepted', () => {
  test.skipIf(lacks('skopeo'))(`a layout, by skopeo${because('skopeo')}`, async () => {
    await withWritten('oci', async (place, folder) => {
      const inspected = await mustRun(peer('skopeo'), ['inspect', place])
      expect(JSON.parse(inspected)).toMatchObject({
        Digest: digest,
        Layers: image.layers.map((each) => each.digest),
      })
      await mustRun(peer('skopeo'), ['--insecure-policy', 'copy', place, `dir:${join(folder, 'dir')}`])
    })
  })

  test.skipIf(lacks('skopeo'))(`an OCI archive, by skopeo${because('skopeo')}`, async () => {
    await withWritten('oci-archive', async (place, folder) => {
      expect(JSON.parse(await mustRun(peer('skopeo'), ['inspect', place]))).toMatchObject({ Digest: digest })
      await mustRun(peer('skopeo'), ['--insecure-policy', 'copy', place, `dir:${join(folder, 'dir')}`])
    })
  })

  test.skipIf(lacks('skopeo'))(
    `what save wrote, by skopeo, as an archive of docker and of OCI${because('skopeo')}`,
    async () => {
      await withFolder(async (folder) => {
        const archive = await saved(folder)
        const config = await mustRun(peer('skopeo'), ['inspect', '--config', `docker-archive:${archive}`])
        expect(JSON.parse(config)).toMatchObject({ architecture: 'amd64', os: 'linux' })
        expect(
          JSON.parse(await mustRun(peer('skopeo'), ['inspect', `oci-archive:${archive}`])),
        ).toMatchObject({
          Digest: digest,
        })
      })
    },
  )

  test.skipIf(lacks('umoci'))(`a layout, by umoci, which unpacks it${because('umoci')}`, async () => {
    await withWritten('oci', async (place, folder) => {
      const layout = place.slice('oci:'.length)
      await mustRun(peer('umoci'), ['stat', '--image', layout])
      const bundle = join(folder, 'bundle')
      await mustRun(peer('umoci'), ['unpack', '--rootless', '--image', layout, bundle])
      expect(await readFile(join(bundle, 'rootfs/etc/motd'), 'utf8')).toBe('hello\n')
    })
  })

  test.skipIf(lacks('regctl'))(`a layout, by regctl${because('regctl')}`, async () => {
    await withWritten('oci', async (place) => {
      const said = await mustRun(peer('regctl'), [
        'image',
        'digest',
        `ocidir://${place.slice('oci:'.length)}`,
      ])
      expect(said.trim()).toBe(digest)
    })
  })

  describe('in a registry', () => {
    let registry: DockerRegistry | undefined

    beforeAll(async () => {
      if (lacks('docker-registry')) return
      registry = await startDockerRegistry()
      await withFolder(async (folder) => {
        await writeLayout(folder, { one: image, many: index })
        await mustLading(['copy', `oci:${folder}:one`, `${registry?.host}/app:one`])
        await mustLading(['copy', `oci:${folder}:many`, `${registry?.host}/app:many`])
      })
    })

    afterAll(async () => {
      await registry?.stop()
    })

    test.skipIf(lacks('docker-registry', 'crane'))(
      `by crane, which validates every layer${because('docker-registry', 'crane')}`,
      async () => {
        for (const tag of ['one', 'many']) {
          await mustRun(peer('crane'), ['validate', '--insecure', '--remote', `${registry?.host}/app:${tag}`])
        }
        const manifest = await mustRun(peer('crane'), [
          'manifest',
          '--insecure',
          `${registry?.host}/app:many`,
        ])
        expect(manifest.trim()).toBe(Buffer.from(index.bytes).toString().trim())
      },
    )

    test.skipIf(lacks('docker-registry', 'regctl'))(
      `by regctl${because('docker-registry', 'regctl')}`,
      async () => {
        const said = await mustRun(peer('regctl'), [
          '--host',
          `reg=${registry?.host},tls=disabled`,
          'image',
          'digest',
          `${registry?.host}/app:many`,
        ])
        expect(said.trim()).toBe(index.descriptor.digest)
      },
    )

    test.skipIf(lacks('docker-registry', 'crane'))(
      `a layout that Lading copied out, by crane, which pushes it${because('docker-registry', 'crane')}`,
      async () => {
        await withFolder(async (folder) => {
          const layout = join(folder, 'layout')
          await mustLading(['copy', `${registry?.host}/app:many`, `oci:${layout}:many`])
          await mustRun(peer('crane'), [
            'push',
            '--insecure',
            '--index',
            layout,
            `${registry?.host}/pushed:many`,
          ])
          await mustRun(peer('crane'), [
            'validate',
            '--insecure',
            '--remote',
            `${registry?.host}/pushed:many`,
          ])
          const manifest = await mustRun(peer('crane'), [
            'manifest',
            '--insecure',
            `${registry?.host}/pushed:many`,
          ])
          expect(manifest).toContain(index.descriptor.digest)
        })
      },
    )
  })
})

/** Lets Lading copy the image into a place of that kind and hands it on in skopeo's words. */
async function withWritten(
  kind: 'oci' | 'oci-archive',
  use: (place: string, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await writeLayout(join(folder, 'fixture'), { one: image })
    const place = `${kind}:${join(folder, kind === 'oci' ? 'written' : 'written.tar')}:one`
    await mustLading(['copy', `oci:${join(folder, 'fixture')}:one`, place])
    await use(place, folder)
  })
}

async function saved(folder: string): Promise<string> {
  await writeLayout(join(folder, 'fixture'), { one: image })
  const archive = join(folder, 'saved.tar')
  await mustLading(['save', `oci:${join(folder, 'fixture')}:one`, '-o', archive])
  return archive
}
