import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex, type FixtureImage } from '../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../test/fixtures/push-to-registry.ts'
import { bundleReferrer } from '../../test/fixtures/signed-image.ts'
import { githubSigner } from '../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../test/fixtures/sigstore/sigstore-instance.ts'
import { NotFoundError, UnavailableError } from '../content/index.ts'
import { parsePlatform, parseReference } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import { createRegistryClient, type RegistryClient } from '../registry/index.ts'
import { parseImagePattern, readTrustedRoots, type TrustRules } from '../signing/index.ts'
import { collectUses } from './collect-uses.ts'
import { createContentCache, noCache } from './content-cache.ts'
import type { GithubQuestion } from './examine-signatures.ts'
import { lockImages, type LockRequest } from './lock-images.ts'
import type { LockResult } from './lock-result.ts'
import { parseLock } from './parse-lock.ts'
import { serializeLock } from './serialize-lock.ts'

const instance = sigstoreInstance()
const amd64 = buildImage({ platform: { os: 'linux', architecture: 'amd64' } })
const arm64 = buildImage({ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } })
const index = buildIndex([amd64, arm64])
const next = buildIndex([amd64, arm64], { annotations: { version: '2' } })
const hour = 3_600_000
const now = new Date('2026-02-03T04:05:06.789Z')

let registry: MemoryRegistry
let client: RegistryClient
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-lock-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  registry = await startMemoryRegistry()
  client = createRegistryClient()
})
afterEach(async () => {
  await client.close()
  await registry.close()
})

describe('lockImages()', () => {
  test('locks an index with its platforms, and an image by the platform of its config', async () => {
    await push({ 'team/app:1': index, 'team/tool:2': arm64 })
    const { lock, images, stops, failures } = await lockAll(['team/app:1', 'team/tool:2'])
    expect({ stops, failures }).toEqual({ stops: [], failures: [] })
    expect(images.map(({ change }) => change)).toEqual(['added', 'added'])
    expect(lock.images).toEqual({
      [`${registry.host}/team/app:1`]: {
        digest: index.descriptor.digest,
        mediaType: index.descriptor.mediaType,
        size: index.bytes.length,
        resolvedAt: '2026-02-03T04:05:06Z',
        platforms: { 'linux/amd64': amd64.descriptor.digest, 'linux/arm64': arm64.descriptor.digest },
        usedBy: ['compose.yaml#services.0.image'],
        signatures: { status: 'none-found', searched: ['registry'], acceptedBy: 'first-use' },
      },
      [`${registry.host}/team/tool:2`]: expect.objectContaining({
        platforms: { 'linux/arm64': arm64.descriptor.digest },
      }) as unknown,
    })
  })

  test('asks each image four things at most, however often it is named', async () => {
    await push({ 'team/app:1': index, 'team/tool:2': arm64 })
    registry.requests.splice(0)
    await lockAll(['team/app:1', 'team/tool:2', 'team/app:1', 'team/tool:2'])
    const asked = registry.requests.filter(({ path }) => path !== '/v2/')
    expect(asked.filter(({ path }) => path.includes('/team/app/')).length).toBeLessThanOrEqual(4)
    expect(asked.filter(({ path }) => path.includes('/team/tool/')).length).toBeLessThanOrEqual(4)
  })

  test('asks nothing about what is locked', async () => {
    await push({ 'team/app:1': index })
    const { lock } = await lockAll(['team/app:1'])
    await push({ 'team/app:1': next })
    registry.requests.splice(0)
    const again = await lockAll(['team/app:1'], { before: read(lock) })
    expect(registry.requests).toEqual([])
    expect(serializeLock(again.lock)).toBe(serializeLock(lock))
    expect(again.images.map(({ change }) => change)).toEqual(['kept'])
  })

  test('drops what is gone, and keeps when a digest was resolved', async () => {
    await push({ 'team/app:1': index, 'team/tool:2': arm64 })
    const { lock } = await lockAll(['team/app:1', 'team/tool:2'])
    const again = await lockAll(['team/app:1'], {
      before: read(lock),
      isRefreshed: () => true,
      now: new Date(now.getTime() + hour),
    })
    expect(again.dropped).toEqual([`${registry.host}/team/tool:2`])
    expect(Object.values(again.lock.images).map(({ resolvedAt }) => resolvedAt)).toEqual([
      '2026-02-03T04:05:06Z',
    ])
  })

  test('writes down the platforms of interest alone', async () => {
    await push({ 'team/app:1': index })
    const { lock } = await lockAll(['team/app:1'])
    const platforms = [parsePlatform('linux/arm64')]
    const narrowed = await lockAll(['team/app:1'], { before: read(lock), platforms })
    expect(Object.values(narrowed.lock.images)[0]?.platforms).toEqual({
      'linux/arm64': arm64.descriptor.digest,
    })
    const widened = await lockAll(['team/app:1'], {
      before: read(narrowed.lock),
      platforms: [...platforms, parsePlatform('linux/amd64')],
    })
    expect(Object.values(widened.lock.images)[0]?.platforms).toEqual(Object.values(lock.images)[0]?.platforms)
  })

  test('takes a digest in the sources for what it is, and the tag for its name', async () => {
    await push({ 'team/app:1': index })
    const pinned = `team/app:1@${index.descriptor.digest}`
    await push({ 'team/app:1': next })
    const { lock } = await lockAll([pinned])
    expect(Object.keys(lock.images)).toEqual([`${registry.host}/${pinned}`])
  })

  test('takes what was pinned for the tag that was locked', async () => {
    await push({ 'team/app:1': index })
    const { lock } = await lockAll(['team/app:1'])
    const again = await lockAll([`team/app:1@${index.descriptor.digest}`], { before: read(lock) })
    expect(serializeLock(again.lock)).toBe(serializeLock(lock))
  })

  test('keeps the digest of what is pinned no more', async () => {
    await push({ 'team/app:1': index })
    const { lock } = await lockAll([`team/app:1@${index.descriptor.digest}`])
    await push({ 'team/app:1': next })
    const again = await lockAll(['team/app:1'], { before: read(lock) })
    expect(Object.entries(again.lock.images).map(([key, { digest }]) => [key, digest])).toEqual([
      [`${registry.host}/team/app:1`, index.descriptor.digest],
    ])
  })

  test('counts a tag with the digest that it has, and the tag, as one', async () => {
    await push({ 'team/app:1': index })
    const { lock } = await lockAll(['team/app:1', `team/app:1@${index.descriptor.digest}`])
    expect(Object.entries(lock.images).map(([key, { usedBy }]) => [key, usedBy])).toEqual([
      [`${registry.host}/team/app:1`, ['compose.yaml#services.0.image', 'compose.yaml#services.1.image']],
    ])
  })

  test('tells of each image that fails, and of nothing else', async () => {
    await push({ 'team/app:1': index })
    const { failures, images } = await lockAll(['team/app:1', 'team/app:gone', 'team/none:1'])
    expect(images).toHaveLength(1)
    expect(failures).toEqual([
      { image: `${registry.host}/team/app:gone`, error: expect.any(NotFoundError) as unknown },
      { image: `${registry.host}/team/none:1`, error: expect.any(NotFoundError) as unknown },
    ])
  })

  test('rejects with the reason of its signal', async () => {
    await push({ 'team/app:1': index })
    const reason = new Error('enough')
    await expect(lockAll(['team/app:1'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('looks a tag up by HEAD, and reads nothing again, where it learnt of it before', async () => {
    await push({ 'team/app:1': index, 'team/tool:2': arm64 })
    const cache = createContentCache(join(folder, 'cache'))
    const first = await lockAll(['team/app:1', 'team/tool:2'], { cache })
    registry.requests.splice(0)
    await client.close()
    client = createRegistryClient()
    const again = await lockAll(['team/app:1', 'team/tool:2'], { cache })
    expect(again.lock).toEqual(first.lock)
    const asked = registry.requests.filter(({ path }) => /manifests|blobs/.test(path))
    expect(asked.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'HEAD /v2/team/app/manifests/1',
      'HEAD /v2/team/tool/manifests/2',
    ])
  })

  test('tells how far it is', async () => {
    await push({ 'team/app:1': index })
    const seen: unknown[] = []
    await lockAll(['team/app:1', 'team/app:gone'], { onEvent: (event) => seen.push(event.done, event.total) })
    expect(seen).toEqual([1, 2, 2, 2])
  })
})

describe('lockImages() and signatures', () => {
  test('remembers who signed, and holds the next tag to it', async () => {
    await push({ 'team/app:1': index, 'team/app:2': next })
    await sign(index, 'team/app', 'me/app', 'refs/tags/1')
    await sign(next, 'team/app', 'me/app', 'refs/tags/2')
    const { lock } = await lockAll(['team/app:1'])
    expect(lock.signers).toEqual({
      [`${registry.host}/team/app`]: [
        {
          issuer: 'https://token.actions.githubusercontent.com',
          identity: 'https://github.com/me/app/.github/workflows/release.yml',
          sourceRepositoryOwner: 'https://github.com/me',
          sourceRepository: 'https://github.com/me/app',
        },
      ],
    })
    const both = await lockAll(['team/app:1', 'team/app:2'], { before: read(lock) })
    expect(both.stops).toEqual([])
    expect(both.lock.signers).toEqual(lock.signers)
    expect(Object.values(both.lock.images).map(({ signatures }) => signatures)).toMatchObject([
      { status: 'verified', evidence: { subject: index.descriptor.digest, sourceRef: 'refs/tags/1' } },
      { status: 'verified', evidence: { subject: next.descriptor.digest, sourceRef: 'refs/tags/2' } },
    ])
    expect(serializeLock(read(both.lock).lock)).toBe(serializeLock(both.lock))
  })

  test('stops where somebody else signs, until that is accepted', async () => {
    await push({ 'team/app:1': index, 'team/app:2': next })
    await sign(index, 'team/app', 'me/app')
    await sign(next, 'team/app', 'evil/app')
    const { lock } = await lockAll(['team/app:1'])
    const stopped = await lockAll(['team/app:2'], { before: read(lock) })
    expect(stopped.stops).toMatchObject([
      {
        image: `${registry.host}/team/app:2`,
        stop: {
          reason: 'signer-changed',
          was: [{ sourceRepository: 'https://github.com/me/app' }],
          is: [{ sourceRepository: 'https://github.com/evil/app' }],
        },
      },
    ])
    const accepted = await lockAll(['team/app:2'], {
      before: read(lock),
      acceptSigners: new Set([`${registry.host}/team/app`]),
    })
    expect(accepted.stops).toEqual([])
    expect(Object.values(accepted.lock.signers).flat()).toMatchObject([
      { sourceRepository: 'https://github.com/evil/app' },
    ])
  })

  test('keeps those whose images are used still when somebody else is accepted', async () => {
    await push({ 'team/app:1': index, 'team/app:2': next })
    await sign(index, 'team/app', 'me/app')
    await sign(next, 'team/app', 'you/app')
    const { lock } = await lockAll(['team/app:1'])
    const accepted = await lockAll(['team/app:1', 'team/app:2'], {
      before: read(lock),
      acceptSigners: new Set([`${registry.host}/team/app`]),
    })
    expect(Object.values(accepted.lock.signers).flat()).toMatchObject([
      { sourceRepository: 'https://github.com/me/app' },
      { sourceRepository: 'https://github.com/you/app' },
    ])
  })

  test('stops where the signature is gone from a tag that moved', async () => {
    await push({ 'team/app:1': index })
    await sign(index, 'team/app', 'me/app')
    const { lock } = await lockAll(['team/app:1'])
    await push({ 'team/app:1': next })
    const { stops } = await lockAll(['team/app:1'], { before: read(lock), isRefreshed: () => true })
    expect(stops).toMatchObject([{ stop: { reason: 'signature-gone' } }])
  })

  test('remembers no signature that does not verify, and none that does not say who made the image', async () => {
    await push({ 'team/app:1': index })
    const stranger = sigstoreInstance()
    const subjects = [index.descriptor.digest]
    const forged = stranger.attest(githubSigner('me/app'), { subjects })
    const sbom = instance.attest(githubSigner('me/app'), {
      subjects,
      predicateType: 'https://spdx.dev/Document',
    })
    await push({ 'team/app': bundleReferrer(forged, index) })
    await push({ 'team/app': bundleReferrer(sbom, index) })
    const { images, lock } = await lockAll(['team/app:1'])
    expect(lock.signers).toEqual({})
    expect(images).toMatchObject([{ rejected: 2, image: { signatures: { status: 'none-found' } } }])
  })

  test('says that a search failed where it did, and not that there is none', async () => {
    await push({ 'team/app:1': index })
    await sign(index, 'team/app', 'me/app')
    for (const digest of registry.blobs('team/app'))
      if (digest !== amd64.descriptor.digest) registry.damage(digest, Buffer.from('damaged'))
    const { failures, images } = await lockAll(['team/app:1'])
    expect(images).toEqual([])
    expect(failures).toHaveLength(1)
  })

  test('holds an image to its rule each time', async () => {
    await push({ 'team/app:1': index })
    await sign(index, 'team/app', 'me/app')
    const rules = (owner: string): TrustRules => ({
      default: 'accept-first-use',
      rules: [
        {
          kind: 'signed',
          images: [parseImagePattern(`${registry.host}/team/*`)],
          signers: {
            need: 'any',
            of: [
              {
                name: owner,
                policy: {
                  kind: 'identity',
                  identity: { pattern: `https://github.com/${owner}/*` },
                  issuer: { exact: 'https://token.actions.githubusercontent.com' },
                },
              },
            ],
          },
          predicateTypes: [],
        },
      ],
    })
    const { lock } = await lockAll(['team/app:1'], {}, { rules: rules('me') })
    expect(Object.values(lock.images).map(({ signatures }) => signatures)).toMatchObject([
      { status: 'verified', acceptedBy: { rule: `${registry.host}/team/*` } },
    ])
    const refused = await lockAll(['team/app:1'], { before: read(lock) }, { rules: rules('you') })
    expect(refused.stops).toMatchObject([{ stop: { reason: 'rule-refused' } }])
    const free = await lockAll(['team/app:1'], { before: read(lock) })
    expect(Object.values(free.lock.images)).toMatchObject([{ signatures: { acceptedBy: 'first-use' } }])
  })

  test('takes unsigned what a rule takes unsigned, and nothing where every image needs a rule', async () => {
    await push({ 'team/app:1': index })
    const images = [parseImagePattern(`${registry.host}/**`)]
    registry.requests.splice(0)
    const unsigned = await lockAll(
      ['team/app:1'],
      {},
      { rules: { default: 'require', rules: [{ kind: 'unsigned', images }] } },
    )
    expect(Object.values(unsigned.lock.images)).toMatchObject([
      { signatures: { status: 'not-asked', acceptedBy: { rule: `${registry.host}/**` } } },
    ])
    const required = await lockAll(['team/app:1'], {}, { rules: { default: 'require', rules: [] } })
    expect(required.stops).toMatchObject([{ stop: { reason: 'rule-missing' } }])
  })
})

describe('lockImages() and GitHub', () => {
  const bundle = instance.attest(githubSigner('me/app'), { subjects: [index.descriptor.digest] })

  test('asks GitHub for images of ghcr.io, whose owner is in their name', async () => {
    await push({ 'me/app:1': index })
    const asked: string[] = []
    const { lock } = await lockAll(
      ['ghcr.io/me/app:1'],
      {},
      {
        askGithub: ({ owner, subject }: GithubQuestion) => {
          asked.push(`${owner} ${subject}`)
          const place = { kind: 'github', owner, number: 1 } as const
          return Promise.resolve([{ place, subjects: [subject], content: { kind: 'bundle', bundle } }])
        },
      },
    )
    expect(asked).toEqual([`me ${index.descriptor.digest}`])
    expect(Object.values(lock.images)).toMatchObject([
      { signatures: { status: 'verified', searched: ['registry', 'github'] } },
    ])
  })

  test('leaves GitHub out of what was searched where its 404 may mean that there are none', async () => {
    await push({ 'me/app:1': index })
    const { lock } = await lockAll(['ghcr.io/me/app:1'], {}, { askGithub: answering(404) })
    expect(Object.values(lock.images)).toMatchObject([
      { signatures: { status: 'none-found', searched: ['registry'] } },
    ])
  })

  test.each([
    ['limits the rate', 429, false],
    ['does not say, and somebody is known', 404, true],
  ])('fails where GitHub %s', async (_, status, isKnown) => {
    await push({ 'me/app:1': next })
    const signers = { 'ghcr.io/me/app': [{ issuer: 'x', identity: 'x' }] }
    const before = isKnown ? { before: read({ images: {}, signers }) } : {}
    const { failures } = await lockAll(['ghcr.io/me/app:1'], before, { askGithub: answering(status) })
    expect(failures).toHaveLength(1)
  })
})

function answering(status: number): () => Promise<never> {
  return () => Promise.reject(new UnavailableError('no', { status }))
}

async function push(images: Readonly<Record<string, FixtureImage>>): Promise<void> {
  await pushToRegistry(registry.host, images)
}

async function sign(
  image: FixtureImage,
  to: string,
  repository: string,
  ref = 'refs/heads/main',
): Promise<void> {
  const bundle = instance.attest(githubSigner(repository, { ref }), { subjects: [image.descriptor.digest] })
  await push({ [to]: bundleReferrer(bundle, image) })
}

function lockAll(
  names: readonly string[],
  request: Partial<LockRequest> = {},
  signatures: Partial<LockRequest['signatures']> = {},
): Promise<LockResult> {
  const occurrences = names.map((name, number) => occurrence(name, number))
  const trust = readTrustedRoots([{ name: 'test', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
  return lockImages({
    uses: collectUses(occurrences, request.before?.lock).images,
    before: undefined,
    // What is said to be at ghcr.io is at the registry of the test.
    open: ({ path }) => client.repository(parseReference(`${registry.host}/${path}`)),
    cache: noCache,
    signatures: {
      rules: { default: 'accept-first-use', rules: [] },
      trust: () => Promise.resolve(trust),
      askGithub: undefined,
      now,
      ...signatures,
    },
    now,
    ...request,
  })
}

function occurrence(name: string, number: number): Occurrence {
  const text = name.startsWith('ghcr.io/') ? name : `${registry.host}/${name}`
  const range = { start: 0, end: text.length, line: 1, column: 1 }
  return {
    file: 'compose.yaml',
    place: `services.${number}.image`,
    range,
    text,
    target: { kind: 'image', reference: parseReference(text) },
    origins: [],
    edit: { kind: 'reference', file: 'compose.yaml', range },
  }
}

function read(lock: LockResult['lock']): ReturnType<typeof parseLock> {
  return parseLock(Buffer.from(serializeLock(lock)), 'lading.lock')
}
