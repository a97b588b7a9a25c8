import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  agingTimes,
  createAgingRegistry,
  indexOf,
  manifestOf,
  named,
  type PreparedManifest,
  pushBlob,
} from '../../../test/fixtures/aging-registry.ts'
import { Interleaver } from '../../../test/fixtures/interleaver.ts'
import { CrashError } from '../../../test/fixtures/memory-records.ts'
import { findUnsound } from '../../../test/fixtures/registry-soundness.ts'
import { digestOf } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { edgeSettlesAfterMs } from '../storage/registry/edge-record.ts'
import { createRegistryStorage } from '../storage/registry/create-registry-storage.ts'
import type { RegistryStorage } from '../storage/registry/registry-storage.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import { createCollector } from './create-collector.ts'

const repositories = [named('a'), named('b')]
const tags = ['t', 'u']
const graceMs = agingTimes.gracePeriodSeconds * 1000

/** What a client does. */
type Action =
  | {
      readonly kind: 'push'
      readonly repository: number
      readonly blobs: readonly string[]
      readonly tag: number | undefined
      readonly mounts: boolean
    }
  | {
      readonly kind: 'push index'
      readonly repository: number
      readonly images: readonly (readonly string[])[]
      readonly tag: number
    }
  | { readonly kind: 'upload'; readonly repository: number; readonly blobs: readonly string[] }
  | {
      readonly kind: 'sign' | 'delete tag' | 'delete image' | 'pull'
      readonly repository: number
      readonly tag: number
    }

const repository = fc.nat(repositories.length - 1)
const tag = fc.nat(tags.length - 1)
const image = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 3 })
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      repository,
      blobs: image,
      tag: fc.option(tag, { nil: undefined }),
      mounts: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('push index' as const),
      repository,
      images: fc.array(image, { minLength: 1, maxLength: 2 }),
      tag,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('sign', 'delete tag', 'pull'), repository, tag }),
  },
)
const deletion: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('delete image' as const),
  repository,
  tag,
})
const clients = fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })

const unused: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('upload' as const),
  repository,
  blobs: image,
})

/** What was done before, and how old it is: the collectors then have work at every phase when the clients begin. */
const past = fc.record({
  actions: fc.array(fc.oneof(action, unused), { minLength: 1, maxLength: 4 }),
  /** Seconds that pass, each followed by a collection. */
  ages: fc.array(
    fc.constantFrom(
      agingTimes.gracePeriodSeconds / 2,
      agingTimes.gracePeriodSeconds + 1,
      agingTimes.condemnedSeconds + 1,
    ),
    { maxLength: 4 },
  ),
  /** Seconds that pass then, up to now. */
  last: fc.constantFrom(0, agingTimes.condemnedSeconds + 1, agingTimes.gracePeriodSeconds + 1),
})
type Past = typeof past extends fc.Arbitrary<infer Value> ? Value : never

/** A registry in which clients, two collectors and the clock take turns at every single step on a record. */
class Race {
  readonly turns: Interleaver
  readonly registry
  readonly records: RecordStore
  /** When what is under way must be over: a push within three quarters of the grace period, one call much sooner. */
  readonly #deadlines = new Set<number>()
  #clientsLeft = 0
  /** Whether clients take from each other what they need: then they are told so, and that is right. */
  toleratesLosses = false

  constructor(seed: number) {
    this.turns = new Interleaver(seed)
    this.registry = createAgingRegistry({ beforeStep: () => this.turns.turn() })
    this.records = this.turns.interleaved(this.registry.records)
  }

  get now(): () => number {
    return () => this.registry.clock.now
  }

  storage(processId: string): RegistryStorage {
    const { blobs } = this.registry
    return createRegistryStorage({
      records: this.records,
      blobs,
      processId,
      now: this.now,
      gracePeriodMs: graceMs,
    })
  }

  /** Looks after every step on a record whether everything is sound. */
  watch(): void {
    const { records } = this.registry
    let seen = -1
    this.turns.onTurn = () => {
      if (records.stepsDone === seen) return
      seen = records.stepsDone
      const problems = this.problems().filter((problem) => !this.#mayPass(problem))
      if (problems.length > 0) throw new Error(`this is unsound: ${problems.join('; ')}`)
    }
  }

  problems(): string[] {
    return findUnsound(this.registry.records.snapshot(), new Set(this.registry.blobs.committed.keys()))
  }

  /**
   * A store that does steps one by one lets a delete in between those of a push. Both then look once more: the push
   * stores a manifest again that its tags name, and edges that went with a manifest just deleted, and the delete gives back
   * what a manifest has come to need. Until one of them has done so the tag or the need leads nowhere, or the edge lacks;
   * when both are over, nothing may.
   */
  #mayPass(problem: string): boolean {
    return (
      this.toleratesLosses &&
      this.#clientsLeft > 0 &&
      / names no manifest$|^manifests\/\S+ (?:needs|has no edge to) /.test(problem)
    )
  }

  async run(scripts: readonly (readonly Action[])[]): Promise<void> {
    this.#clientsLeft = scripts.length
    await this.turns.run([
      ...scripts.map((script, place) => this.client(`client ${place}`, script)),
      this.collect('one'),
      this.collect('two'),
      this.passTime(),
    ])
  }

  async live({ actions, ages, last }: Past): Promise<void> {
    const storage = this.storage('past')
    const { records } = this
    const { blobs, clock } = this.registry
    const collector = createCollector({
      records,
      blobs,
      now: this.now,
      processId: 'past',
      options: agingTimes,
    })
    const work = async (): Promise<void> => {
      for (const each of actions) await this.act(storage, each)
      for (const seconds of ages) {
        clock.now += seconds * 1000
        while ((await collector.step()).more) continue
      }
    }
    await this.turns.run([work()])
    clock.now += last * 1000
  }

  async client(processId: string, script: readonly Action[]): Promise<void> {
    const storage = this.storage(processId)
    try {
      for (const each of script) {
        await this.within(graceMs * 0.7, () => this.act(storage, each)).catch((error: unknown) => {
          if (!(this.toleratesLosses && error instanceof ProtocolError)) throw error
        })
      }
    } finally {
      this.#clientsLeft -= 1
    }
  }

  /** Each has a lease of its own, so that both collect. */
  async collect(processId: string): Promise<void> {
    const own = (key: string): string => (key === 'collector/lease' ? `${key}-${processId}` : key)
    const records: RecordStore = {
      ...this.records,
      get: (key) => this.records.get(own(key)),
      write: (changes, options) =>
        this.records.write(
          changes.map((change) => ({ ...change, key: own(change.key) })),
          options,
        ),
    }
    const { blobs } = this.registry
    const collector = createCollector({ records, blobs, now: this.now, processId, options: agingTimes })
    while (this.#clientsLeft > 0) {
      await collector.step()
      await this.turns.turn()
    }
  }

  async passTime(): Promise<void> {
    const { clock } = this.registry
    while (this.#clientsLeft > 0) {
      await this.turns.turn()
      const latest = Math.min(clock.now + graceMs, ...this.#deadlines)
      clock.now += Math.floor((latest - clock.now) * (this.turns.draw(5) / 4))
    }
  }

  async within<Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> {
    let deadline = this.registry.clock.now + milliseconds
    while (this.#deadlines.has(deadline)) deadline -= 1
    this.#deadlines.add(deadline)
    try {
      return await work()
    } finally {
      this.#deadlines.delete(deadline)
    }
  }

  async act(storage: RegistryStorage, each: Action): Promise<void> {
    const to = repositories[each.repository] ?? named('a')
    const other = repositories[1 - each.repository] ?? named('b')
    const call = <Result>(work: () => Promise<Result>): Promise<Result> =>
      this.within(edgeSettlesAfterMs / 2, work)
    const need = async (text: string, mounts: boolean): Promise<void> => {
      const digest = digestOf(Buffer.from(text))
      if ((await call(() => storage.blobs.find(to, digest))) !== undefined) return
      if (mounts && (await call(() => storage.blobs.mount(to, digest, other))) !== undefined) return
      await call(() => pushBlob(storage, to, text))
    }
    const put = async (manifest: PreparedManifest, named_: number | undefined): Promise<void> => {
      const name = named_ === undefined ? undefined : tags[named_]
      await call(() => storage.manifests.put(to, { ...manifest, tags: name === undefined ? [] : [name] }))
    }
    switch (each.kind) {
      case 'push': {
        for (const text of each.blobs) await need(text, each.mounts)
        return put(manifestOf({ blobs: each.blobs }), each.tag)
      }
      case 'upload':
        for (const text of each.blobs) await call(() => pushBlob(storage, to, text))
        return
      case 'push index': {
        const entries = each.images.map((blobs) => manifestOf({ blobs }))
        for (const [place, entry] of entries.entries()) {
          if ((await call(() => storage.manifests.find(to, entry.digest))) !== undefined) continue
          for (const text of each.images[place] ?? []) await need(text, false)
          await put(entry, undefined)
        }
        return put(indexOf(...entries), each.tag)
      }
      case 'sign': {
        const subject = await call(() => storage.manifests.find(to, { tag: tags[each.tag] ?? '' }))
        if (subject === undefined) return
        await need('signature', false)
        return put(manifestOf({ blobs: ['signature'], subject }), undefined)
      }
      case 'delete tag':
        await call(() => storage.tags.delete(to, tags[each.tag] ?? ''))
        return
      case 'delete image': {
        const digest = (await call(() => storage.tags.get(to, tags[each.tag] ?? '')))?.digest
        if (digest !== undefined) await call(() => storage.manifests.delete(to, digest))
        return
      }
      case 'pull': {
        const digest = (await call(() => storage.tags.get(to, tags[each.tag] ?? '')))?.digest
        if (digest === undefined || this.toleratesLosses) return
        if ((await call(() => storage.manifests.find(to, digest))) === undefined)
          throw new Error(`the tag names ${digest}, which is not there`)
        return
      }
      default:
        each satisfies never
    }
  }

  /** Takes away what is still named, waits, and gives the records and files that are left. */
  async emptied(): Promise<readonly string[]> {
    this.turns.onTurn = undefined
    const cleanup = this.clearAll()
    await this.turns.run([cleanup])
    const { records, blobs } = this.registry
    return [...records.snapshot().keys(), ...blobs.committed.keys()].filter(
      (key) => !key.startsWith('collector/'),
    )
  }

  async clearAll(): Promise<void> {
    const storage = this.storage('last')
    const { blobs, clock } = this.registry
    const { records, now } = this
    const collector = createCollector({ records, blobs, now, processId: 'last', options: agingTimes })
    const wait = async (): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        clock.now += graceMs
        while ((await collector.step()).more) continue
      }
    }
    clock.now += 24 * 3600_000
    for (const each of repositories) {
      for (const name of await storage.tags.list(each, { limit: 10 })) await storage.tags.delete(each, name)
    }
    await wait()
    // What is left was pushed by its digest; indexes go before what they list.
    for (let round = 0; round < 3; round += 1) {
      for (const each of repositories) {
        for (const digest of await storage.manifests.list(each, { limit: 100 })) {
          await storage.manifests.delete(each, digest).catch((error: unknown) => {
            if (!(error instanceof ProtocolError && error.code === 'UNSUPPORTED')) throw error
          })
        }
      }
    }
    await wait()
    clock.now += 24 * 3600_000
    await wait()
  }
}

/** Edges that a write left which ended early, or was overtaken, lead nowhere: they are read as such wherever they are met. */
function isEdge(key: string): boolean {
  return /^(?:uses|tagsof|holders|referrers)\//.test(key)
}

test('whatever the order of their steps, collectors take nothing that clients need and leave nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), past, clients, async (seed, before, scripts) => {
      const race = new Race(seed)
      await race.live(before)
      race.watch()
      await race.run(scripts)
      expect(await race.emptied()).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('after a crash at any step what is left is sound, and nothing is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), past, clients, fc.nat(100), async (seed, before, scripts, steps) => {
      const race = new Race(seed)
      await race.live(before)
      race.registry.records.crashAfter(steps)
      race.watch()
      await race.run(scripts).catch((error: unknown) => {
        if (!(error instanceof CrashError)) throw error
      })
      race.turns.abandon()
      race.registry.records.crashAfter(undefined)
      expect(race.problems()).toEqual([])
      expect((await race.emptied()).filter((key) => !isEdge(key))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('with clients that delete what others push or pull, what is there is sound, and nothing is left behind', async () => {
  const deleting = fc.array(fc.array(fc.oneof(action, deletion), { minLength: 1, maxLength: 4 }), {
    minLength: 2,
    maxLength: 3,
  })
  await fc.assert(
    fc.asyncProperty(fc.nat(), past, deleting, async (seed, before, scripts) => {
      const race = new Race(seed)
      await race.live(before)
      race.toleratesLosses = true
      race.watch()
      await race.run(scripts)
      expect(race.problems()).toEqual([])
      expect((await race.emptied()).filter((key) => !isEdge(key))).toEqual([])
    }),
    { numRuns: 60 },
  )
})
