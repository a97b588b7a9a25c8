import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { Meeting } from '../../../test/fixtures/meeting.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { fetchBytes, type Source } from '../../content/index.ts'
import { type ImageManifest, parseManifest } from '../../oci/index.ts'
import { createRegistryClient, type Repository } from '../../registry/index.ts'
import { openLayout } from '../../stores/index.ts'
import { EvidenceBudget } from '../evidence/evidence-budget.ts'
import { placeEvidence } from '../evidence/place-evidence.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import { type EvidenceVerdict, verifyEvidence } from '../verify-evidence.ts'
import { type CosignLayer, cosignLayer } from './cosign-layer.ts'
import { simpleSigningPayload } from './simple-signing-payload.ts'
import { storeCosignLayer } from './store-cosign-layer.ts'

const image = buildImage()
const subject = image.descriptor.digest
const instance = sigstoreInstance()
const signer = githubSigner('me/app')
const trust = readTrustedRoots([{ name: 'root', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
const payload = simpleSigningPayload({ digest: subject, name: 'example.com/app', annotations: { a: 'b' } })

describe('cosignLayer()', () => {
  test('keeps the certificate, its chain, and what log and authority said', () => {
    const bundle = instance.sign({ ...signer, content: { bytes: Buffer.from(payload) }, time: 'both' })
    const { kind, bytes, descriptor } = cosignLayer(bundle, { payload, chain: [instance.root] })
    expect({ kind, bytes }).toEqual({ kind: 'sig', bytes: payload })
    expect(Object.keys(descriptor.annotations ?? {}).toSorted()).toEqual([
      'dev.cosignproject.cosign/signature',
      'dev.sigstore.cosign/bundle',
      'dev.sigstore.cosign/certificate',
      'dev.sigstore.cosign/chain',
      'dev.sigstore.cosign/rfc3161timestamp',
    ])
  })

  test('refuses an entry of a log that promises nothing', () => {
    const bundle = instance.sign({
      ...signer,
      content: { bytes: Buffer.from(payload) },
      logged: 'hashedrekord 0.0.2',
      time: 'authority',
    })
    expect(() => cosignLayer(bundle, { payload })).toThrow('promised nothing')
  })
})

describe('storeCosignLayer()', () => {
  test.each(['a registry', 'a layout'])(
    'makes signatures and attestations verifiable, in %s',
    async (place) => {
      const target = place === 'a layout' ? await newLayout() : (await startRegistry()).repository
      const signature = await storeCosignLayer(target, subject, signatureLayer())
      const attestation = await storeCosignLayer(target, subject, attestationLayer())
      expect([signature.tag, attestation.tag]).toEqual([
        `sha256-${subject.slice(7)}.sig`,
        `sha256-${subject.slice(7)}.att`,
      ])
      expect(await target.resolve(signature.tag)).toMatchObject({ digest: signature.manifest.digest })
      expect(await verdictOf(target, undefined)).toMatchObject({
        satisfied: { evidence: { place: { kind: 'tag', tag: signature.tag } } },
      })
      expect(await verdictOf(target, 'https://slsa.dev/provenance/v1')).toMatchObject({
        satisfied: { evidence: { place: { kind: 'tag', tag: attestation.tag } } },
      })
    },
  )

  test('adds to what is there, and the same one once', async () => {
    const { repository } = await startRegistry()
    const first = signatureLayer()
    await storeCosignLayer(repository, subject, first)
    const { tag, manifest } = await storeCosignLayer(repository, subject, signatureLayer())
    expect(await storeCosignLayer(repository, subject, first)).toEqual({ tag, manifest })
    const { layers, config } = await manifestOf(repository, tag)
    expect(layers).toHaveLength(2)
    expect(JSON.parse((await fetchBytes(repository, config)).toString())).toMatchObject({
      rootfs: { diff_ids: [first.descriptor.digest, first.descriptor.digest] },
    })
  })

  test.each([true, false])('keeps what eight sign at once, where If-Match counts: %s', async (ifMatch) => {
    const { repository, another } = await startRegistry(ifMatch)
    const layers = Array.from({ length: 8 }, signatureLayer)
    const meeting = new Meeting(layers.length)
    await Promise.all(
      layers.map((layer) =>
        storeCosignLayer(another(meeting), subject, layer).finally(() => meeting.leave()),
      ),
    )
    const stored = await manifestOf(repository, `sha256-${subject.slice(7)}.sig`)
    expect(new Set(stored.layers.map(signatureOf))).toEqual(
      new Set(layers.map(({ descriptor }) => signatureOf(descriptor))),
    )
  })

  test('leaves alone what is no list of signatures', async () => {
    const { repository } = await startRegistry()
    const index = buildIndex([image])
    await pushImage(repository, index)
    await repository.tag(index.descriptor, `sha256-${subject.slice(7)}.sig`)
    await expect(storeCosignLayer(repository, subject, signatureLayer())).rejects.toThrow('names an index')
  })
})

function signatureLayer(): CosignLayer {
  const content = { bytes: Buffer.from(payload) }
  return cosignLayer(instance.sign({ ...signer, content }), { payload, chain: [instance.root] })
}

function attestationLayer(): CosignLayer {
  return cosignLayer(instance.attest(signer, { subjects: [subject] }))
}

function signatureOf({ annotations }: ImageManifest['layers'][number]): string | undefined {
  return annotations?.['dev.cosignproject.cosign/signature']
}

async function manifestOf(repository: Repository, tag: string): Promise<ImageManifest> {
  const descriptor = await repository.resolve(tag)
  const manifest = parseManifest(await fetchBytes(repository, descriptor), descriptor.mediaType)
  if (manifest.kind !== 'manifest') throw new Error('an index')
  return manifest
}

async function verdictOf(source: Source, predicateType: string | undefined): Promise<EvidenceVerdict> {
  const found = await placeEvidence(source, subject, { budget: new EvidenceBudget() })
  const criteria = {
    signer: {
      kind: 'identity',
      identity: { exact: signer.identity },
      issuer: { exact: signer.issuer },
    },
    predicateType,
  } as const
  return verifyEvidence(found, criteria, trust)
}

async function newLayout(): Promise<Awaited<ReturnType<typeof openLayout>>> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-cosign-layer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return openLayout(folder, { create: true })
}

interface Started {
  readonly registry: MemoryRegistry
  readonly repository: Repository
  readonly another: (meeting?: Meeting) => Repository
}

async function startRegistry(ifMatch = false): Promise<Started> {
  const registry = await startMemoryRegistry({ ifMatch })
  const clients: ReturnType<typeof createRegistryClient>[] = []
  const another = (meeting?: Meeting): Repository => {
    const wait = meeting === undefined ? () => Promise.resolve() : () => meeting.arrive()
    const client = createRegistryClient({ wait })
    clients.push(client)
    return client.repository({ domain: registry.host, path: 'me/app' })
  }
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await registry.close()
  })
  return { registry, repository: another(), another }
}
