import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AccessRefusedError, bytesBody, fetchBytes, NotFoundError } from '../../src/content/index.ts'
import { digestOf } from '../../src/oci/index.ts'
import { createRegistryClient, type RegistryClientOptions } from '../../src/registry/index.ts'
import { buildImage } from '../fixtures/build-image.ts'
import { pushImage } from '../fixtures/push-image.ts'
import {
  type DockerRegistryOptions,
  registryPassword,
  registryUser,
  startDockerRegistry,
} from './docker-registry.ts'
import { because, lacks } from './peer.ts'

const image = buildImage()

async function started(
  options: DockerRegistryOptions = {},
  clientOptions: (host: string) => RegistryClientOptions = () => ({}),
) {
  const registry = await startDockerRegistry({ seconds: 60, ...options })
  const client = createRegistryClient(clientOptions(registry.host))
  onTestFinished(async () => {
    await client.close()
    await registry.stop()
  })
  const repository = (path: string) => client.repository({ domain: registry.host, path })
  return { registry, client, repository }
}

describe.skipIf(lacks('docker-registry'))(
  `the registry client at distribution${because('docker-registry')}`,
  () => {
    test('uploads in chunks, mounts, tags, lists and deletes', async () => {
      const { repository } = await started({}, () => ({ chunkSize: 100_000 }))
      const app = repository('me/app')
      const content = randomBytes(350_000)
      const blob = { mediaType: 'application/octet-stream', digest: digestOf(content), size: content.length }
      await app.push(blob, bytesBody(content))
      expect((await fetchBytes(app, blob)).equals(content)).toBe(true)
      expect(await repository('me/other').mount(blob, app)).toBe(true)

      await pushImage(app, image, 'v1')
      await app.tag(image.descriptor, 'v2')
      const tags: string[] = []
      for await (const tag of app.tags()) tags.push(tag)
      expect(tags.toSorted()).toEqual(['v1', 'v2'])

      await app.untag('v1')
      await expect(app.resolve('v1')).rejects.toThrow(NotFoundError)
      expect(await app.resolve('v2')).toMatchObject({ digest: image.descriptor.digest })
      await app.delete(image.descriptor)
      await expect(app.resolve('v2')).rejects.toThrow(NotFoundError)
    })

    test('lists referrers by tag, as it has no API for them', async () => {
      const { repository } = await started()
      await pushImage(repository('me/app'), image, 'v1')
      const signatures = ['a', 'b', 'c'].map((name) =>
        buildImage({ subject: image.descriptor, annotations: { name } }),
      )
      await Promise.all(signatures.map((signature) => pushImage(repository('me/app'), signature)))
      const listed = await repository('me/app').referrers(image.descriptor.digest)
      expect(listed.map(({ digest }) => digest).toSorted()).toEqual(
        signatures.map(({ descriptor }) => descriptor.digest).toSorted(),
      )
    })

    test('takes credentials where they are asked for, and says when they are wrong', async () => {
      const me = { username: registryUser, password: registryPassword }
      const { registry, client, repository } = await started({ password: true }, (host) => ({
        credentials: { [host]: me },
      }))
      await pushImage(repository('me/app'), image, 'v1')
      expect(await client.checkCredentials(registry.host, me)).toBe('accepted')
      const wrong = { ...me, password: 'wrong' }
      await expect(client.checkCredentials(registry.host, wrong)).rejects.toThrow(AccessRefusedError)
    })
  },
)
