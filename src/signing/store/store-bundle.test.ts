import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildImage } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { Meeting } from '../../../test/fixtures/meeting.ts'
import { fetchBytes } from '../../content/index.ts'
import { emptyDescriptor, mediaTypes, parseManifest, serializeManifest } from '../../oci/index.ts'
import { createRegistryClient, type Repository } from '../../registry/index.ts'
import { openLayout } from '../../stores/index.ts'
import { EvidenceBudget } from '../evidence/evidence-budget.ts'
import { placeEvidence } from '../evidence/place-evidence.ts'
import { keySigner } from '../sign/keys/key-signer.ts'
import { noWitnesses, signBundle } from '../sign/sign-bundle.ts'
import { inTotoStatement } from '../sign/statement.ts'
import { storeBundle } from './store-bundle.ts'

const image = buildImage()
const subject = image.descriptor
const created = new Date('2026-05-04T03:02:01.999Z')
const predicateType = 'https://example.com/predicate/v1'

describe('storeBundle()', () => {
  test('writes the manifest that cosign and actions/attest write', async () => {
    const { repository } = await startRegistry(true)
    const bundle = await makeBundle(1)
    const stored = await storeBundle(repository, subject, bundle, { created })
    const bytes = await fetchBytes(repository, stored)
    const manifest = parseManifest(bytes, stored.mediaType)
    expect(manifest).toEqual({
      kind: 'manifest',
      mediaType: mediaTypes.ociManifest,
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      config: emptyDescriptor,
      layers: [expect.objectContaining({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' })],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': predicateType,
        'org.opencontainers.image.created': '2026-05-04T03:02:01Z',
      },
    })
    expect(serializeManifest(manifest)).toEqual(new Uint8Array(bytes))
  })

  test('says of a signature over bytes that it is one', async () => {
    const { repository } = await startRegistry(true)
    const signer = await newSigner()
    const content = { kind: 'message', bytes: Buffer.from('bytes') } as const
    const stored = await storeBundle(repository, subject, await signBundle(content, signer, noWitnesses), {
      created,
    })
    const { annotations } = parseManifest(await fetchBytes(repository, stored), stored.mediaType)
    expect(annotations).toEqual({
      'dev.sigstore.bundle.content': 'message-signature',
      'org.opencontainers.image.created': '2026-05-04T03:02:01Z',
    })
  })

  test('refuses what is no bundle, and stores nothing', async () => {
    const { registry, repository } = await startRegistry(true)
    await expect(storeBundle(repository, subject, { nothing: true })).rejects.toThrow('cannot be read')
    expect(registry.blobs('me/app')).toEqual([])
  })

  test.each([
    ['the referrers API', true, false],
    ['the fallback tag', false, false],
    ['the fallback tag and If-Match', false, true],
  ])(
    'keeps what eight sign at once, with %s, of an image that is not there yet',
    async (_, referrers, ifMatch) => {
      const { repository, another } = await startRegistry(referrers, ifMatch)
      const bundles = await Promise.all(Array.from({ length: 8 }, (__, number) => makeBundle(number)))
      const meeting = new Meeting(bundles.length)
      const stored = await Promise.all(
        bundles.map((bundle) =>
          storeBundle(another(meeting), subject, bundle).finally(() => meeting.leave()),
        ),
      )

      const found = await placeEvidence(repository, subject.digest, { budget: new EvidenceBudget() })
      expect(new Set(found.map(({ place }) => place.kind === 'referrer' && place.digest))).toEqual(
        new Set(stored.map(({ digest }) => digest)),
      )
      expect(found.map(({ content }) => content)).toEqual(
        expect.arrayContaining(bundles.map((bundle) => ({ kind: 'bundle', bundle }))),
      )
    },
  )

  test('stores in a layout', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lading-store-bundle-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const layout = await openLayout(folder, { create: true })
    const bundle = await makeBundle(1)
    await storeBundle(layout, subject, bundle)
    const found = await placeEvidence(layout, subject.digest, { budget: new EvidenceBudget() })
    expect(found.map(({ content }) => content)).toEqual([{ kind: 'bundle', bundle }])
  })
})

interface Started {
  readonly registry: MemoryRegistry
  readonly repository: Repository
  /** The same repository as another process has it, which knows nothing of the others. */
  readonly another: (meeting?: Meeting) => Repository
}

async function startRegistry(referrers: boolean, ifMatch = false): Promise<Started> {
  const registry = await startMemoryRegistry({ referrers, ifMatch })
  const clients: ReturnType<typeof createRegistryClient>[] = []
  const another = (meeting?: Meeting): Repository => {
    const client = createRegistryClient(meeting === undefined ? {} : { wait: () => meeting.arrive() })
    clients.push(client)
    return client.repository({ domain: registry.host, path: 'me/app' })
  }
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await registry.close()
  })
  return { registry, repository: another(), another }
}

async function makeBundle(number: number): Promise<unknown> {
  const payload = inTotoStatement({
    subjects: [{ name: 'app', digest: subject.digest }],
    predicateType,
    predicate: { number },
  })
  return signBundle({ kind: 'statement', payload }, await newSigner(), noWitnesses)
}

function newSigner(): ReturnType<typeof keySigner> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return keySigner({ pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), name: 'key' })
}
