import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyPair } from '../../../../test/fixtures/sigstore/key-pair.ts'
import { sigstoreInstance } from '../../../../test/fixtures/sigstore/sigstore-instance.ts'
import { type Publication, TufRepository } from '../../../../test/fixtures/sigstore/tuf-repository.ts'
import { createTransport } from '../../../http/index.ts'
import { TrustUpdateError } from './errors.ts'
import { keptMetadataPath } from './kept-metadata.ts'
import { keptTrust, type KeptTrust } from './kept-trust.ts'
import { refreshTrust } from './refresh-trust.ts'

const now = new Date('2026-06-01T00:00:00Z')
const trustedRoot = Buffer.from(JSON.stringify(sigstoreInstance().trustedRoot))
const targets = { 'trusted_root.json': trustedRoot, 'signing_config.v0.2.json': Buffer.from('{}') }

let cache: string
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'lading-tuf-'))
})
afterEach(async () => {
  await rm(cache, { recursive: true })
})

function published(publication: Publication = {}): TufRepository {
  const repository = new TufRepository()
  repository.publish({ targets, ...publication })
  return repository
}

async function refreshFrom(
  repository: TufRepository,
  mirror: string,
  { at = now, timeLimit, signal }: { at?: Date; timeLimit?: number; signal?: AbortSignal } = {},
): Promise<KeptTrust | undefined> {
  const transport = createTransport({ tries: 1 })
  const instance = { mirror, root: repository.root }
  try {
    const limit = timeLimit === undefined ? {} : { timeLimit }
    await refreshTrust(instance, { transport, cache, now: at, signal, ...limit })
  } finally {
    await transport.close()
  }
  return keptTrust(instance, { cache, name: 'kept' })
}

test('keeps what it fetched, and gives it again without a network', async () => {
  const repository = published()
  const server = await repository.serve()
  const fresh = await refreshFrom(repository, server.url)
  await server[Symbol.asyncDispose]()
  expect(fresh).toMatchObject({ refreshed: now, signingConfig: Buffer.from('{}') })
  const kept = await keptTrust({ mirror: server.url, root: repository.root }, { cache, name: 'kept' })
  expect(kept?.trust.names).toEqual(['kept'])
})

test('follows new roots from the one that was given, and fetches none of them twice', async () => {
  const repository = new TufRepository()
  repository.rotateRoot()
  repository.rotateRoot()
  repository.publish({ targets })
  await using server = await repository.serve()
  await refreshFrom(repository, server.url)
  await refreshFrom(repository, server.url)
  expect(server.requests.filter((path) => path === '2.root.json')).toHaveLength(1)
  expect(server.requests.filter((path) => path === '4.root.json')).toHaveLength(2)
  expect(server.requests.filter((path) => path.startsWith('targets/'))).toHaveLength(2)
})

test('takes lower versions from other keys, since nobody else could say that the old ones were lost', async () => {
  const repository = published({ versions: { timestamp: 9, snapshot: 9 } })
  await using server = await repository.serve()
  await refreshFrom(repository, server.url)
  repository.rotateRoot()
  repository.publish({ targets })
  await expect(refreshFrom(repository, server.url)).resolves.toBeDefined()
})

const past = '2026-05-01T00:00:00Z'

describe('refuses, and keeps what was there', () => {
  test.each<[string, Publication, string]>([
    ['an expired timestamp', { expires: { timestamp: past } }, 'timestamp metadata expired'],
    ['an expired snapshot', { expires: { snapshot: past } }, 'snapshot metadata expired'],
    ['expired targets', { expires: { targets: past } }, 'targets metadata expired'],
    ['a foreign timestamp', { signers: { timestamp: keyPair() } }, 'timestamp metadata is not signed'],
    ['a foreign snapshot', { signers: { snapshot: keyPair() } }, 'snapshot metadata is not signed'],
    ['foreign targets', { signers: { targets: keyPair() } }, 'targets metadata is not signed'],
    ['an older timestamp', { versions: { timestamp: 4 } }, 'timestamp.json went back from version 5 to 4'],
    ['an older snapshot', { versions: { snapshot: 4 } }, 'snapshot.json went back from version 5 to 4'],
    [
      'older targets',
      { versions: { snapshot: 6, targets: 4 } },
      'targets.json went back from version 5 to 4',
    ],
    ['no trusted root', { targets: {} }, 'publishes no trusted_root.json'],
    ['no readable trusted root', { targets: { 'trusted_root.json': Buffer.from('{}') } }, 'mediaType'],
  ])('%s', async (_what, publication, reason) => {
    const versions = { timestamp: 5, snapshot: 5, targets: 5 }
    const repository = published({ versions })
    await using server = await repository.serve()
    await refreshFrom(repository, server.url)
    const before = await readFile(keptMetadataPath(cache, server.url))
    repository.publish({
      targets,
      ...publication,
      versions: { timestamp: 6, snapshot: 6, targets: 6, ...publication.versions },
    })
    const refusal = refreshFrom(repository, server.url)
    await expect(refusal).rejects.toThrow(TrustUpdateError)
    await expect(refusal).rejects.toThrow(reason)
    expect(await readFile(keptMetadataPath(cache, server.url))).toEqual(before)
  })
})

test('refuses a root that expired', async () => {
  const repository = new TufRepository({ rootExpires: past })
  repository.publish({ targets })
  await using server = await repository.serve()
  await expect(refreshFrom(repository, server.url)).rejects.toThrow('root metadata expired')
})

test('refuses a new root that the one before did not sign', async () => {
  const repository = new TufRepository()
  repository.rotateRoot({ signedBy: keyPair() })
  repository.publish({ targets })
  await using server = await repository.serve()
  await expect(refreshFrom(repository, server.url)).rejects.toThrow('root metadata is not signed')
})

test('refuses a root under the number of another', async () => {
  const repository = new TufRepository()
  repository.rotateRoot()
  repository.publish({ targets })
  repository.files.set('3.root.json', repository.files.get('2.root.json') ?? Buffer.alloc(0))
  await using server = await repository.serve()
  await expect(refreshFrom(repository, server.url)).rejects.toThrow('3.root.json')
})

test('refuses a target with other bytes than those that are signed', async () => {
  const repository = published()
  const path = [...repository.files.keys()].find((each) => each.endsWith('.trusted_root.json')) ?? ''
  repository.files.set(path, Buffer.from(trustedRoot.toString().replace('2020', '2021')))
  await using server = await repository.serve()
  await expect(refreshFrom(repository, server.url)).rejects.toThrow('another sha256')
})

test.each(['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'])(
  'stops reading where %s does not end',
  async (endless) => {
    const repository = published()
    await using server = await repository.serve((path, response) => {
      if (path !== endless) return false
      const more = (): void => {
        while (response.write(Buffer.alloc(64 * 1024))) if (response.destroyed) return
        response.once('drain', more)
      }
      more()
      return true
    })
    await expect(refreshFrom(repository, server.url)).rejects.toThrow(TrustUpdateError)
  },
)

test('gives up on a server that begins to answer and does not go on', async () => {
  const repository = published()
  await using server = await repository.serve((path, response) => {
    if (path === 'timestamp.json') response.write('{')
    return path === 'timestamp.json'
  })
  await expect(refreshFrom(repository, server.url, { timeLimit: 50 })).rejects.toThrow('took more than')
})

test('gives the reason of a signal', async () => {
  const repository = published()
  const controller = new AbortController()
  await using server = await repository.serve((path) => {
    if (path === 'timestamp.json') controller.abort(new Error('enough'))
    return path === 'timestamp.json'
  })
  await expect(refreshFrom(repository, server.url, { signal: controller.signal })).rejects.toThrow('enough')
})

test('several refreshes at once all succeed', async () => {
  const repository = published()
  await using server = await repository.serve()
  const all = await Promise.all([1, 2, 3].map(() => refreshFrom(repository, server.url)))
  expect(all.map((kept) => kept?.trust.names)).toEqual([['kept'], ['kept'], ['kept']])
})

describe('what is kept', () => {
  test('is not believed when another wrote it', async () => {
    const repository = published()
    const forged = published({ targets: { 'trusted_root.json': trustedRoot } })
    await using server = await forged.serve()
    await refreshFrom(forged, server.url)
    const reading = keptTrust({ mirror: server.url, root: repository.root }, { cache, name: 'kept' })
    await expect(reading).rejects.toThrow('does not prove itself')
  })

  test('counts as absent when it is torn', async () => {
    const repository = published()
    await using server = await repository.serve()
    await refreshFrom(repository, server.url)
    const path = keptMetadataPath(cache, server.url)
    await writeFile(path, (await readFile(path)).subarray(0, 500))
    const instance = { mirror: server.url, root: repository.root }
    expect(await keptTrust(instance, { cache, name: 'kept' })).toBeUndefined()
  })

  test('is fetched anew where it does not prove itself', async () => {
    const forged = published()
    const repository = published()
    await using server = await repository.serve()
    const away = await forged.serve()
    await refreshFrom(forged, away.url)
    await away[Symbol.asyncDispose]()
    const stolen = (await readFile(keptMetadataPath(cache, away.url), 'utf8')).replace(away.url, server.url)
    await writeFile(keptMetadataPath(cache, server.url), stolen)
    await expect(refreshFrom(repository, server.url)).resolves.toBeDefined()
  })
})
