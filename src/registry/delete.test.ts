/* oxlint-disable vitest/expect-expect -- withScriptedRegistry() expects the requests of its script */
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { type MemoryRegistryOptions, startMemoryRegistry } from '../../test/fixtures/memory-registry.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedAnswer, ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { NotFoundError, UnsupportedError } from '../content/index.ts'
import { createRegistryClient } from './registry-client.ts'

const image = buildImage()
const layer = image.layers[0] ?? image.descriptor
const manifests = '/v2/me/app/manifests'
const remove = (
  path: string,
  answer: ScriptedAnswer,
  headers: Record<string, RegExp> = {},
): ScriptedExchange => [{ method: 'DELETE', path, headers }, answer]
const bearer = { 'www-authenticate': 'Bearer realm="{origin}/token",scope="repository:me/app:delete"' }

async function started(options: MemoryRegistryOptions) {
  const registry = await startMemoryRegistry(options)
  const client = createRegistryClient()
  onTestFinished(async () => {
    await client.close()
    await registry.close()
  })
  const repository = client.repository({ domain: registry.host, path: 'me/app' })
  await pushImage(repository, image, 'v1')
  await repository.tag(image.descriptor, 'v2')
  return { registry, repository }
}

describe('delete()', () => {
  test('goes by digest, to manifests and blobs', () =>
    withScriptedRegistry(
      [
        remove(`${manifests}/${image.descriptor.digest}`, { status: 202 }),
        remove(`/v2/me/app/blobs/${layer.digest}`, { status: 202 }),
      ],
      async ({ repository }) => {
        await repository.delete(image.descriptor)
        await repository.delete(layer)
      },
    ))

  test('asks for the scope that is named, then for all (Quay)', () =>
    withScriptedRegistry(
      [
        remove(`${manifests}/${image.descriptor.digest}`, { status: 401, headers: bearer }),
        [{ method: 'GET', path: '/token?scope=repository%3Ame%2Fapp%3Adelete' }, { status: 401 }],
        [{ method: 'GET', path: '/token?scope=repository%3Ame%2Fapp%3A*' }, { body: '{"token":"t1"}' }],
        remove(`${manifests}/${image.descriptor.digest}`, { status: 202 }, { authorization: /^Bearer t1$/ }),
      ],
      ({ repository }) => repository.delete(image.descriptor),
    ))

  test('tells where to delete instead when the registry does not (405)', () =>
    withScriptedRegistry(
      [remove(`${manifests}/${image.descriptor.digest}`, { status: 405 })],
      async ({ repository }) => {
        const error = await repository.delete(image.descriptor).catch((caught: unknown) => caught)
        expect(error).toBeInstanceOf(UnsupportedError)
        expect(error instanceof UnsupportedError && error.hint).toMatch(/switched off/)
      },
    ))

  test('takes the tags away first where Google’s registries want it so', () =>
    withScriptedRegistry(
      [
        remove(`${manifests}/${image.descriptor.digest}`, {
          status: 400,
          body: '{"errors":[{"code":"GOOGLE_MANIFEST_DANGLING_TAG","message":"tags"}]}',
        }),
        [
          { method: 'GET', path: '/v2/me/app/tags/list' },
          { body: JSON.stringify({ tags: ['a'], manifest: { [image.descriptor.digest]: { tag: ['a'] } } }) },
        ],
        remove(`${manifests}/a`, { status: 202 }),
        remove(`${manifests}/${image.descriptor.digest}`, { status: 202 }),
      ],
      ({ repository }) => repository.delete(image.descriptor),
    ))

  test('takes every tag of the digest along', async () => {
    const { registry, repository } = await started({})
    await repository.delete(image.descriptor)
    expect(registry.tags('me/app').size).toBe(0)
    await expect(repository.delete(image.descriptor)).rejects.toThrow(NotFoundError)
  })
})

describe('untag()', () => {
  test('removes the tag alone', async () => {
    const { registry, repository } = await started({})
    await repository.untag('v1')
    expect([...registry.tags('me/app').keys()]).toEqual(['v2'])
    expect(await repository.exists(image.descriptor)).toBe(true)
  })

  test('does so by way of an empty manifest where a tag cannot be deleted', async () => {
    const { registry, repository } = await started({ deletes: 'digests' })
    await repository.untag('v1')
    expect([...registry.tags('me/app').keys()]).toEqual(['v2'])
    expect(await repository.exists(image.descriptor)).toBe(true)
  })

  test('puts the tag back where nothing can be deleted', async () => {
    const { registry, repository } = await started({ deletes: 'none' })
    await expect(repository.untag('v1')).rejects.toThrow(UnsupportedError)
    expect(registry.tags('me/app').get('v1')).toBe(image.descriptor.digest)
  })

  test.each(['all', 'digests', 'none'] as const)(
    'of a tag that is not there says so (deletes: %s)',
    async (deletes) => {
      const { repository } = await started({ deletes })
      await expect(repository.untag('nope')).rejects.toThrow(NotFoundError)
    },
  )
})
