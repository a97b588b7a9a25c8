/* oxlint-disable vitest/expect-expect -- withScriptedRegistry() expects the requests of its script */
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { startMemoryRegistry } from '../../test/fixtures/memory-registry.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedAnswer, ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { bytesBody } from '../content/index.ts'
import { digestOf, mediaTypes } from '../oci/index.ts'
import { referrersTag } from './referrers-tag.ts'
import { createRegistryClient } from './registry-client.ts'

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
    ))

  test('loses none of many at a time, from two clients', async () => {
    const registry = await startMemoryRegistry({ referrers: false, ifMatch: true })
    const clients = [createRegistryClient(), createRegistryClient()]
    onTestFinished(async () => {
      await Promise.all(clients.map((client) => client.close()))
      await registry.close()
    })
    const repositories = clients.map((client) => client.repository({ domain: registry.host, path: 'me/app' }))
    await Promise.all(repositories.slice(0, 1).map((repository) => pushImage(repository, image)))
    const signatures = Array.from({ length: 8 }, (_, number) =>
      buildImage({ subject: image.descriptor, annotations: { number: String(number) } }),
    )
    await Promise.all(
      signatures.map(async ({ descriptor: signature, bytes: content }, number) =>
        repositories[number % 2]?.push(signature, bytesBody(content)),
      ),
    )
    const listed = await repositories[0]?.referrers(subject)
    expect(listed?.map(({ annotations }) => annotations?.['number']).toSorted()).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
    ])
  })
})
