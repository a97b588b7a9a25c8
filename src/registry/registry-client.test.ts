import { describe, expect, onTestFinished, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { type MemoryRegistryOptions, startMemoryRegistry } from '../../test/fixtures/memory-registry.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import { bytesBody, fetchBytes } from '../content/index.ts'
import { parseReference } from '../oci/index.ts'
import type { RegistryClientOptions } from './options.ts'
import { createRegistryClient } from './registry-client.ts'

const image = buildImage({ layers: [{ files: { 'etc/motd': 'bill of lading' } }] })

async function start(options: MemoryRegistryOptions = {}, clientOptions: RegistryClientOptions = {}) {
  const registry = await startMemoryRegistry(options)
  const client = createRegistryClient(clientOptions)
  onTestFinished(async () => {
    await client.close()
    await registry.close()
  })
  const repository = (path: string) => client.repository(parseReference(`${registry.host}/${path}`))
  return { registry, client, repository }
}

describe('a registry that works', () => {
  test('gives back what was pushed, byte for byte', async () => {
    const { repository } = await start()
    await pushImage(repository('me/app'), image, 'v1')
    expect(await repository('me/app').resolve('v1')).toMatchObject({ digest: image.descriptor.digest })
    for (const { descriptor, bytes } of image.contents) {
      expect(await fetchBytes(repository('me/app'), descriptor)).toEqual(Buffer.from(bytes))
    }
  })

  test('is asked once for a lookup that needs no credentials', async () => {
    const { registry, repository } = await start()
    await pushImage(repository('me/app'), image, 'v1')
    registry.requests.splice(0)
    await repository('me/app').resolve('v1')
    expect(registry.requests).toEqual([{ method: 'HEAD', path: '/v2/me/app/manifests/v1', status: 200 }])
  })

  test('gives one token for many requests at once', async () => {
    const auth = { kind: 'bearer', username: 'me', password: 'secret', anonymousPull: true } as const
    const { registry, repository } = await start({ auth })
    const layer = image.layers.slice(0, 1)
    await Promise.all(
      Array.from({ length: 10 }, () => Promise.all(layer.map((one) => repository('me/app').exists(one)))),
    )
    expect(registry.requests.filter(({ path }) => path.startsWith('/token'))).toHaveLength(1)
  })

  test('takes a push with basic credentials, and with a token', async () => {
    for (const kind of ['basic', 'bearer'] as const) {
      const { registry, client } = await start({ auth: { kind, username: 'me', password: 'secret' } })
      const owner = createRegistryClient({
        credentials: { [registry.host]: { username: 'me', password: 'secret' } },
      })
      onTestFinished(() => owner.close())
      const reference = parseReference(`${registry.host}/me/app`)
      await pushImage(owner.repository(reference), image, 'v1')
      await expect(client.repository(reference).resolve('v1')).rejects.toThrow(/no credentials stored/)
    }
  })

  test('uploads a blob once that is pushed twice at the same time', async () => {
    const { registry, repository } = await start()
    const { descriptor, bytes } = buildImage({ layers: [] }).contents[0] ?? image
    await Promise.all([1, 2, 3].map(() => repository('me/app').push(descriptor, bytesBody(bytes))))
    expect(registry.requests.map(({ method }) => method)).toEqual(['POST', 'PUT'])
  })
})
