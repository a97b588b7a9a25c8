import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage, buildIndex, type FixtureImage } from '../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../test/fixtures/memory-registry.ts'
import { writeMonorepo } from '../../test/fixtures/projects/monorepo.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import { digestOf, parseReference, type Reference } from '../oci/index.ts'
import { applyEdits, findReferences, type ProjectFindings } from '../references/index.ts'
import { createRegistryClient, type RegistryClient } from '../registry/index.ts'
import { builtInTrust } from '../signing/index.ts'
import { checkLock } from './check-lock.ts'
import { collectUses } from './collect-uses.ts'
import { noCache } from './content-cache.ts'
import { lockImages } from './lock-images.ts'
import type { Lock } from './lock.ts'
import { parseLock } from './parse-lock.ts'
import { pinEdits, type SourceEdits, unpinEdits } from './pin-sources.ts'
import { serializeLock } from './serialize-lock.ts'

const projects = join(import.meta.dirname, '../../test/fixtures/projects')
const platforms = [
  buildImage({ platform: { os: 'linux', architecture: 'amd64' } }),
  buildImage({ platform: { os: 'linux', architecture: 'arm64' } }),
  buildImage({ platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }),
]

let registry: MemoryRegistry
let client: RegistryClient
let folder: string

beforeAll(async () => {
  registry = await startMemoryRegistry()
  client = createRegistryClient()
  folder = await mkdtemp(join(tmpdir(), 'lading-projects-'))
  for (const name of await projectNames())
    await cp(join(projects, name), join(folder, name), { recursive: true })
  await writeMonorepo(join(folder, 'monorepo'), { registry: 'registry.example', references: 100, images: 20 })
})
afterAll(async () => {
  await client.close()
  await registry.close()
  await rm(folder, { recursive: true })
})

describe('a project as people have them', async () => {
  const names = [...(await projectNames()), 'monorepo']

  test.each(names)('%s is locked, checked, pinned and unpinned', async (name) => {
    const root = join(folder, name)
    // Digests of the world outside are of no image here.
    const written = await findReferences(root)
    await edit(root, written, unpinEdits(written.occurrences))
    const found = await findReferences(root)
    expect(found.problems).toEqual([])
    const lock = await lockOf(found)
    expect(errors(found, lock)).toEqual([])

    const before = await textsOf(root, found)
    const pins = pinEdits(found.occurrences, lock)
    expect(pins.notLocked).toEqual([])
    await edit(root, found, pins)
    const pinned = await findReferences(root)
    expect(errors(pinned, lock)).toEqual([])
    const after = await textsOf(root, pinned)
    expect(withoutDigests(after)).toEqual(withoutDigests(before))
    await edit(root, pinned, pinEdits(pinned.occurrences, lock))
    expect(await textsOf(root, pinned)).toEqual(after)
    const again = await lockOf(pinned, lock)
    expect(serializeLock(again)).toBe(serializeLock(lock))

    await edit(root, pinned, unpinEdits(pinned.occurrences))
    const unpinned = await findReferences(root)
    expect(errors(unpinned, lock)).toEqual([])
    expect(withoutTraces(await textsOf(root, unpinned))).toEqual(withoutTraces(before))
  })
})

async function projectNames(): Promise<readonly string[]> {
  const entries = await readdir(projects, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function lockOf({ occurrences }: ProjectFindings, before?: Lock): Promise<Lock> {
  const uses = collectUses(occurrences, before).images
  for (const { reference } of uses) await publish(reference)
  const { failures, lock, stops } = await lockImages({
    uses,
    before: before === undefined ? undefined : { lock: before, unsettled: new Set(), isConflicted: false },
    open: (reference) => client.repository(here(reference)),
    cache: noCache,
    signatures: {
      rules: { default: 'accept-first-use', rules: [] },
      trust: builtInTrust,
      askGithub: undefined,
      now: new Date(),
    },
    now: new Date(),
  })
  expect({ failures, stops }).toEqual({ failures: [], stops: [] })
  return parseLock(Buffer.from(serializeLock(lock)), 'lading.lock').lock
}

/** Every image is at the registry of the test, whatever registry it names. */
function here({ domain, path }: Reference): Reference {
  return parseReference(`${registry.host}/${domain}/${path}`)
}

async function publish(reference: Reference): Promise<void> {
  if (reference.tag === undefined || reference.digest !== undefined) return
  await pushImage(client.repository(here(reference)), imageOf(reference), reference.tag)
}

/** An image of its own for each name. */
function imageOf(reference: Reference): FixtureImage {
  return buildIndex(platforms, { annotations: { name: reference.canonical } })
}

function errors({ occurrences }: ProjectFindings, lock: Lock): readonly string[] {
  return checkLock(occurrences, { lock, unsettled: new Set(), isConflicted: false })
    .filter(({ level }) => level === 'error')
    .map(({ message }) => message)
}

async function textsOf(root: string, { digests }: ProjectFindings): Promise<ReadonlyMap<string, string>> {
  const files = [...digests.keys()].toSorted()
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
  )
}

/** What is left when all that `pin` may write is taken away: digests, and a tag that was left out. */
function withoutDigests(texts: ReadonlyMap<string, string>): readonly string[] {
  return [...texts].map(([file, text]) =>
    [
      file,
      ...text
        .replace(/@?sha256:[0-9a-f]{64}/g, '')
        .replace(/:latest\b/g, '')
        .split('\n'),
    ]
      .filter((line) => !/^\s*digest:\s*(?:""|'')?\s*$/.test(line))
      .join('\n'),
  )
}

/** What is left when all that `unpin` leaves behind is taken away: a tag that was left out, and the empty field of a digest. */
function withoutTraces(texts: ReadonlyMap<string, string>): readonly string[] {
  return [...texts].map(
    ([file, text]) => `${file}\n${text.replace(/:latest$/gm, '').replace(/^ *digest: ""\n/gm, '')}`,
  )
}

async function edit(root: string, { digests }: ProjectFindings, { edits }: SourceEdits): Promise<void> {
  for (const [file, wanted] of edits) {
    const bytes = await readFile(join(root, file))
    expect(digests.get(file)).toBe(digestOf(bytes))
    await writeFile(join(root, file), applyEdits({ file, bytes, digest: digestOf(bytes) }, wanted))
  }
}
