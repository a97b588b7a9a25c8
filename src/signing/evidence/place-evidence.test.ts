import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import {
  buildArtifact,
  buildImage,
  content,
  type FixtureImage,
  jsonContent,
  jsonDescriptor,
} from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { withScriptedRegistry } from '../../../test/fixtures/scripted-registry.ts'
import { AccessRefusedError, LimitExceededError, NotFoundError, type Source } from '../../content/index.ts'
import { createRegistryClient } from '../../registry/index.ts'
import type { Evidence } from './evidence.ts'
import { EvidenceBudget } from './evidence-budget.ts'
import { placeEvidence } from './place-evidence.ts'

const image = buildImage()
const subject = image.descriptor.digest
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const bundle = { mediaType: bundleType }
const tag = subject.replace(':', '-')
const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'

describe.each([
  ['the referrers API', true],
  ['fallback tags', false],
])('placeEvidence(), at a registry with %s', (_, referrers) => {
  test('finds bundles and cosign tags, and nothing else', async () => {
    const signed = referrer(bundleType, JSON.stringify(bundle))
    const sbom = buildArtifact({ artifactType: 'application/spdx+json', subject: image.descriptor })
    const payload = Buffer.from('{"critical":{}}')
    const signature = cosignManifest([
      { type: simpleSigning, bytes: payload, annotations: { 'dev.cosignproject.cosign/signature': 'c2ln' } },
      { type: simpleSigning, bytes: payload, annotations: {} },
      { type: 'text/plain', bytes: payload, annotations: {} },
    ])
    const attestation = cosignManifest([
      {
        type: 'application/vnd.dsse.envelope.v1+json',
        bytes: Buffer.from('{"payload":""}'),
        annotations: {},
      },
    ])
    const found = await evidenceIn(
      { referrers },
      {
        'app:1': image,
        app: signed,
        'app:sbom': sbom,
        [`app:${tag}.sig`]: signature,
        [`app:${tag}.att`]: attestation,
      },
    )
    expect(found.map(({ place, content: { kind } }) => ({ ...place, kind, place: place.kind }))).toEqual([
      { place: 'referrer', digest: signed.descriptor.digest, kind: 'bundle' },
      { place: 'tag', tag: `${tag}.sig`, layer: signature.layers[0]?.digest, kind: 'simple-signing' },
      { place: 'tag', tag: `${tag}.sig`, layer: signature.layers[1]?.digest, kind: 'unreadable' },
      { place: 'tag', tag: `${tag}.att`, layer: attestation.layers[0]?.digest, kind: 'bundle' },
    ])
    expect(found[0]).toMatchObject({ subjects: [subject], content: { bundle } })
    expect(found[1]).toMatchObject({ content: { payload } })
  })

  test('looks into what is listed with a wrong type', async () => {
    const signed = buildArtifact({
      artifactType: 'application/vnd.oci.empty.v1+json',
      payload: JSON.stringify(bundle),
      subject: image.descriptor,
    })
    const retyped = withLayerType(signed, bundleType)
    const found = await evidenceIn({ referrers }, { 'app:1': image, app: retyped })
    expect(found).toMatchObject([{ content: { kind: 'bundle', bundle } }])
  })

  test("reads cosign's older format where it is a referrer", async () => {
    const artifact = buildArtifact({
      artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
      payload: '{"critical":{}}',
      subject: image.descriptor,
    })
    const signed = withLayerType(artifact, simpleSigning)
    const found = await evidenceIn({ referrers }, { 'app:1': image, app: signed })
    expect(found).toMatchObject([
      {
        place: { kind: 'referrer', digest: signed.descriptor.digest },
        content: { kind: 'unreadable', reason: 'it has no annotation dev.cosignproject.cosign/signature' },
      },
    ])
  })

  test('finds none where there is none', async () => {
    expect(await evidenceIn({ referrers }, { 'app:1': image })).toEqual([])
  })

  test.each([
    ['is not JSON', 'x'],
    ['is empty', ''],
  ])('a bundle that %s is evidence that cannot be read', async (_text, payload) => {
    const found = await evidenceIn({ referrers }, { 'app:1': image, app: referrer(bundleType, payload) })
    expect(found).toMatchObject([{ content: { kind: 'unreadable', reason: 'it is not JSON' } }])
  })
})

test('placeEvidence() does not take a bundle of which the registry gives other bytes', async () => {
  const signed = referrer(bundleType, JSON.stringify(bundle))
  await withRegistry({}, { 'app:1': image, app: signed }, async (source, registry) => {
    registry.damage(signed.layers[0]?.digest ?? '', Buffer.from('{}'))
    await expect(placeEvidence(source, subject, { budget: new EvidenceBudget() })).rejects.toThrow('Cannot')
  })
})

test('placeEvidence() rejects when the listing fails', async () => {
  await withScriptedRegistry(
    [
      [{ method: 'GET', path: /tags\/list/ }, { status: 404 }],
      [{ method: 'GET', path: /\/referrers\// }, { status: 403 }],
      [{ method: 'HEAD', path: /\.sig$/, optional: true }, { status: 404 }],
      [{ method: 'HEAD', path: /\.att$/, optional: true }, { status: 404 }],
      [{ method: 'HEAD', path: /\.sbom$/, optional: true }, { status: 404 }],
      [{ method: 'GET', path: '/v2/', optional: true }, { status: 200 }],
    ],
    async ({ repository }) => {
      const found = placeEvidence(repository, subject, { budget: new EvidenceBudget() })
      await expect(found).rejects.toThrow(AccessRefusedError)
    },
    { order: 'any' },
  )
})

test('placeEvidence() rejects a tag with more layers than are looked at', async () => {
  const one = { type: simpleSigning, bytes: Buffer.from('{}'), annotations: {} }
  const many = cosignManifest(Array.from({ length: 1001 }, () => one))
  await withRegistry({}, { 'app:1': image, [`app:${tag}.sig`]: many }, async (source) => {
    const found = placeEvidence(source, subject, { budget: new EvidenceBudget() })
    await expect(found).rejects.toThrow(LimitExceededError)
  })
})

test('placeEvidence() keeps a referrer that is no manifest as evidence that cannot be read', async () => {
  const torn = content('application/vnd.oci.image.manifest.v1+json', Buffer.from('{"schemaVersion":2}'))
  const source: Source = {
    display: 'x',
    resolve: () => Promise.reject(new NotFoundError('there is no such tag')),
    fetch: () => Promise.resolve(Readable.from([torn.bytes])),
    referrers: () => Promise.resolve([torn.descriptor]),
  }
  const found = await placeEvidence(source, subject, { budget: new EvidenceBudget() })
  expect(found).toMatchObject([
    { place: { kind: 'referrer', digest: torn.descriptor.digest }, content: { kind: 'unreadable' } },
  ])
})

test('placeEvidence() rejects at a place that lists no referrers', async () => {
  const source: Source = {
    display: 'x',
    resolve: () => Promise.reject(new Error()),
    fetch: () => Promise.reject(new Error()),
  }
  await expect(placeEvidence(source, subject, { budget: new EvidenceBudget() })).rejects.toThrow(
    'lists no referrers',
  )
})

function referrer(artifactType: string, payload: string): FixtureImage {
  return buildArtifact({ artifactType, payload, subject: image.descriptor })
}

/** The same artifact whose layer says what it is, while the manifest does not. */
function withLayerType(artifact: FixtureImage, mediaType: string): FixtureImage {
  const document: unknown = JSON.parse(
    Buffer.from(artifact.bytes)
      .toString()
      .replace(/("layers": \[\s*\{\s*"mediaType": )"[^"]*"/, `$1${JSON.stringify(mediaType)}`),
  )
  const manifest = jsonContent(artifact.descriptor.mediaType, document)
  return {
    ...artifact,
    descriptor: manifest.descriptor,
    bytes: manifest.bytes,
    contents: [...artifact.contents.slice(0, -1), manifest],
  }
}

function cosignManifest(
  layers: readonly {
    readonly type: string
    readonly bytes: Uint8Array
    readonly annotations: Readonly<Record<string, string>>
  }[],
): FixtureImage {
  const config = jsonContent('application/vnd.oci.image.config.v1+json', { rootfs: { diff_ids: [] } })
  const blobs = layers.map(({ type, bytes, annotations }) => {
    const made = content(type, bytes)
    return { ...made, descriptor: { ...made.descriptor, annotations } }
  })
  const manifest = jsonContent('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: jsonDescriptor(config.descriptor),
    layers: blobs.map(({ descriptor }) => jsonDescriptor(descriptor)),
  })
  return {
    ...manifest,
    contents: [
      ...new Map([config, ...blobs, manifest].map((each) => [each.descriptor.digest, each])).values(),
    ],
    images: [],
    layers: blobs.map(({ descriptor }) => descriptor),
  }
}

function evidenceIn(
  options: { readonly referrers?: boolean },
  images: Readonly<Record<string, FixtureImage>>,
): Promise<readonly Evidence[]> {
  return withRegistry(options, images, (source) =>
    placeEvidence(source, subject, { budget: new EvidenceBudget() }),
  )
}

async function withRegistry<Result>(
  options: { readonly referrers?: boolean },
  images: Readonly<Record<string, FixtureImage>>,
  use: (source: Source, registry: MemoryRegistry) => Promise<Result>,
): Promise<Result> {
  const registry = await startMemoryRegistry(options)
  const client = createRegistryClient()
  try {
    await pushToRegistry(registry.host, images)
    return await use(client.repository({ domain: registry.host, path: 'app' }), registry)
  } finally {
    await client.close()
    await registry.close()
  }
}
