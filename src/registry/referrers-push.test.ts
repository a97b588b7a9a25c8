/* oxlint-disable vitest/expect-expect -- withScriptedRegistry() expects the requests of its script */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { buildImage, type FixtureImage } from '../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../test/fixtures/memory-registry.ts'
import { Meeting } from '../../test/fixtures/meeting.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedAnswer, ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { bytesBody } from '../content/index.ts'
import { type Descriptor, digestOf, mediaTypes } from '../oci/index.ts'
import { referrersTag } from './referrers-tag.ts'
import { createRegistryClient, type RegistryClient } from './registry-client.ts'

const image = buildImage()
const subject = image.descriptor.digest
const { descriptor, bytes } = buildImage({ subject: image.descriptor, annotations: { name: 'signature' } })
const listing = `/v2/me/app/referrers/${subject}`
const tagPath = `/v2/me/app/manifests/${referrersTag(subject)}`

const put = (headers: Record<string, string>): ScriptedExchange => [
  { method: 'PUT', path: `/v2/me/app/manifests/${descriptor.digest}` },
  { status: 201, headers },
]
const entry = {
  mediaType: descriptor.mediaType,
  digest: descriptor.digest,
  size: descriptor.size,
  annotations: { name: 'signature' },
  artifactType: mediaTypes.ociConfig,
}
const other = { ...entry, digest: digestOf(Buffer.from('other')), 'x-unknown': 'kept' }
const index = (...manifests: readonly unknown[]): ScriptedAnswer => ({
  headers: { 'content-type': mediaTypes.ociIndex, etag: '"e1"' },
  body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
})
const putList = (answer: ScriptedAnswer, body: string, ifMatch: string | null): ScriptedExchange => [
  {
    method: 'PUT',
    path: tagPath,
    body,
    headers: { 'if-match': ifMatch, 'content-type': mediaTypes.ociIndex },
  },
  answer,
]
const getList = (answer: ScriptedAnswer): ScriptedExchange => [{ method: 'GET', path: tagPath }, answer]
const patient = { client: () => ({ wait: () => Promise.resolve() }) }
const noApi: ScriptedExchange = [{ method: 'GET', path: listing }, { status: 404 }]

describe('pushing a manifest with a subject', () => {
  test('ends when the API is there; once that is known, OCI-Subject is enough', () =>
    withScriptedRegistry(
      [
        put({ 'oci-subject': subject }),
        [{ method: 'GET', path: listing }, index(entry)],
        put({ 'oci-subject': subject }),
      ],
      async ({ repository }) => {
        await repository.push(descriptor, bytesBody(bytes))
        await repository.push(descriptor, bytesBody(bytes))
      },
    ))

  test('writes the tag where there is no API, whatever OCI-Subject claims (ECR)', () =>
    withScriptedRegistry(
      [
        put({ 'oci-subject': subject }),
        noApi,
        getList({ status: 404 }),
        putList({ status: 201 }, String(index(entry).body), null),
        getList(index(entry)),
      ],
      ({ repository }) => repository.push(descriptor, bytesBody(bytes)),
      patient,
    ))

  test('keeps what others listed, as they wrote it', () =>
    withScriptedRegistry(
      [
        put({}),
        noApi,
        getList(index(other)),
        putList({ status: 201 }, String(index(other, entry).body), '"e1"'),
        getList(index(other, entry)),
      ],
      ({ repository }) => repository.push(descriptor, bytesBody(bytes)),
      patient,
    ))

  test('writes again when somebody was faster (412), or wrote over it', () =>
    withScriptedRegistry(
      [
        put({}),
        noApi,
        getList({ status: 404 }),
        putList({ status: 412 }, String(index(entry).body), null),
        getList(index(other)),
        putList({ status: 201 }, String(index(other, entry).body), '"e1"'),
        getList(index(other)),
        putList({ status: 201 }, String(index(other, entry).body), '"e1"'),
        getList(index(other, entry)),
      ],
      ({ repository }) => repository.push(descriptor, bytesBody(bytes)),
      patient,
    ))

  test('stays while others write, as one of them may have read before this was there', () =>
    withScriptedRegistry(
      [
        put({}),
        noApi,
        getList({ status: 404 }),
        putList({ status: 201 }, String(index(entry).body), null),
        getList(index(entry, other)),
        getList(index(other)),
        putList({ status: 201 }, String(index(other, entry).body), '"e1"'),
        getList(index(other, entry)),
      ],
      ({ repository }) => repository.push(descriptor, bytesBody(bytes)),
      patient,
    ))

  test('writes the list once for those that come while another is written', async () => {
    const pushed = Promise.withResolvers<void>()
    const { registry, signatures, clients } = await unsigned({ ifMatch: true }, () => pushed.promise)
    const repository = clients[0].repository({ domain: registry.host, path: 'me/app' })
    const pushes = signatures.map((one) => repository.push(one.descriptor, bytesBody(one.bytes)))
    await vi.waitFor(() => {
      for (const one of signatures) {
        expect(registry.requests).toContainEqual(
          expect.objectContaining({ method: 'PUT', path: `/v2/me/app/manifests/${one.descriptor.digest}` }),
        )
      }
    })
    pushed.resolve()
    await Promise.all(pushes)
    const lists = registry.requests.filter(({ method, path }) => method === 'PUT' && path === tagPath)
    expect(lists.length).toBeLessThan(signatures.length)
    expect(await numbersOf(repository.referrers(subject))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test.each([true, false])(
    'loses none of many at a time, from two clients, where If-Match counts: %s',
    async (ifMatch) => {
      const { registry, signatures, clients, leave } = await unsigned({ ifMatch })
      const repositories = clients.map((client) =>
        client.repository({ domain: registry.host, path: 'me/app' }),
      )
      await Promise.all(
        repositories.map(async (repository, turn) => {
          const own = signatures.filter((_, number) => number % 2 === turn)
          for (const one of own) await repository.push(one.descriptor, bytesBody(one.bytes))
          leave()
        }),
      )
      const [repository] = repositories
      expect(await numbersOf(repository?.referrers(subject))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    },
  )
})

/** A registry without the API with an image, eight signatures of it, and two who may push them. */
async function unsigned(
  options: { readonly ifMatch: boolean },
  wait?: () => Promise<void>,
): Promise<{
  readonly registry: MemoryRegistry
  readonly signatures: readonly FixtureImage[]
  readonly clients: readonly [RegistryClient, RegistryClient]
  readonly leave: () => void
}> {
  const registry = await startMemoryRegistry({ referrers: false, ...options })
  const meeting = new Meeting(2)
  const make = (): RegistryClient => createRegistryClient({ wait: wait ?? (() => meeting.arrive()) })
  const clients = [make(), make()] as const
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await registry.close()
  })
  await pushImage(clients[0].repository({ domain: registry.host, path: 'me/app' }), image)
  const signatures = Array.from({ length: 8 }, (_, number) =>
    buildImage({ subject: image.descriptor, annotations: { number: String(number) } }),
  )
  return { registry, signatures, clients, leave: () => meeting.leave() }
}

async function numbersOf(referrers: Promise<readonly Descriptor[]> | undefined): Promise<readonly number[]> {
  const numbers = ((await referrers) ?? []).map(({ annotations }) => Number(annotations?.['number']))
  return numbers.toSorted((one, next) => one - next)
}
