import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CrashError } from '../../../../test/fixtures/memory-records.ts'
import { hour, openRegistry, type TestRegistry } from '../../../../test/fixtures/open-registry.ts'
import {
  deleteBlob,
  deleteManifest,
  deleteTag,
  everything,
  mount,
  type Operation,
  operations,
  push,
  put,
  RegistryModel,
  run,
  view,
} from '../../../../test/fixtures/registry-model.ts'
import { unsoundRecords } from '../../../../test/fixtures/unsound-records.ts'
import type { RecordStore } from '../records/record-store.ts'

const imageA = [push('zero'), push('one'), put('imageA')]
const images = [...imageA, push('two'), put('imageB')]

/** Histories that begin empty, or with a repository that has everything. */
const histories = fc
  .tuple(fc.boolean(), fc.array(operations(), { maxLength: 12 }))
  .map(([isFull, rest]): readonly Operation[] => [...(isFull ? everything : []), ...rest])

describe('a registry', () => {
  it('holds what a plain model of it holds, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.array(fc.nat(hour)), async (history, pauses) => {
        const registry = openRegistry()
        const model = new RegistryModel()
        for (const [place, operation] of history.entries()) {
          registry.clock.time += pauses[place] ?? 0
          expect(await run(registry.storage, operation)).toBe(model.apply(operation))
          expectSound(registry)
        }
        expect(await view(registry.storage)).toEqual(model.view())
      }),
      { numRuns: 100 },
    )
  })
})

describe('a registry that is stopped after any step of', () => {
  it.each<[string, readonly Operation[], Operation]>([
    ['the first blob', [], push('one')],
    ['a blob that another repository has', [push('one', 'a/b')], push('one')],
    ['a blob that was deleted', [push('one'), deleteBlob('one')], push('one')],
    ['a mount', [push('one', 'a/b')], mount('one', 'a/b')],
    ['an image with tags', [push('zero'), push('one')], put('imageA', 'v1', 'v2')],
    ['an index', images, put('both', 'latest')],
    ['a referrer', [...imageA, push('three')], put('signature', 'v1')],
    ['a foreign layer', [push('zero'), push('one')], put('foreign')],
    ['a tag for a manifest that is there', imageA, put('imageA', 'v1')],
    ['a tag that moves', [...images, put('imageA', 'v1')], put('imageB', 'v1')],
    ['a tag that moves to an index of what it named', [...images, put('imageA', 'v1')], put('both', 'v1')],
    ['the delete of a tag', [...imageA, put('imageA', 'v1', 'v2')], deleteTag('v1')],
    ['the delete of an index', [...images, put('both', 'v1'), put('attestation')], deleteManifest('both')],
    [
      'the delete of a manifest with tags and referrers',
      [...imageA, put('imageA', 'v1', 'v2'), push('three'), put('signature')],
      deleteManifest('imageA'),
    ],
    ['the delete of a referrer', [push('three'), put('signature', 'v1')], deleteManifest('signature')],
    ['the delete of a blob', [push('one'), push('one', 'a/b')], deleteBlob('one')],
  ])('%s is sound, and a repetition ends what was begun', async (_, history, operation) => {
    expect(await expectSoundCrashes(history, operation)).toBe('done')
  })

  it('any operation is sound, and a repetition ends what was begun', async () => {
    await fc.assert(
      fc.asyncProperty(histories, operations(), async (history, last) => {
        await expectSoundCrashes(history, last)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a registry whose clients meet at any read and any step', () => {
  it.each<[string, readonly Operation[], readonly Operation[]]>([
    ['a manifest and the delete of its blob', [push('three')], [put('signature', 'v1'), deleteBlob('three')]],
    ['an index and the delete of its entry', images, [put('both', 'v1'), deleteManifest('imageA')]],
    ['a tag and the delete of its manifest', imageA, [put('imageA', 'v1'), deleteManifest('imageA')]],
    ['a push and the delete of a manifest', imageA, [put('imageA'), deleteManifest('imageA')]],
    ['two tags of one name', images, [put('imageA', 'v1'), put('imageB', 'v1')]],
    ['two tags of one manifest', imageA, [put('imageA', 'v1'), put('imageA', 'v2')]],
    [
      'a tag that goes and returns',
      [...images, put('imageA', 'v1')],
      [put('imageB', 'v1'), put('imageA', 'v1')],
    ],
    ['a tag and its delete', [...images, put('imageA', 'v1')], [put('imageB', 'v1'), deleteTag('v1')]],
    ['two deletes of a manifest', [...imageA, put('imageA', 'v1')], twice(deleteManifest('imageA'))],
    ['two pushes of a blob', [], twice(push('one'))],
    ['pushes of a blob to two repositories', [], [push('one'), push('one', 'a/b')]],
    ['a push and a delete of a blob', [push('one')], [push('one'), deleteBlob('one')]],
    [
      'a mount and the delete of its source',
      [push('one', 'a/b')],
      [mount('one', 'a/b'), deleteBlob('one', 'a/b')],
    ],
    [
      'two manifests of one blob and its delete',
      [push('zero'), push('one'), push('two')],
      [put('imageA'), put('imageB'), deleteBlob('zero')],
    ],
  ])('is sound, and answers as if one came after the other: %s', async (_, history, clients) => {
    for (const pause of [0, hour]) {
      for (const order of orders(clients)) await expectSoundInsertions(history, order, pause)
    }
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.scheduler(), (isFresh, scheduler) =>
        expectSoundMeeting(history, clients, isFresh ? 0 : hour, scheduler),
      ),
      { numRuns: 60 },
    )
  })

  it('is sound, and answers as if one came after the other, whatever three of them do', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.array(operations(), { minLength: 3, maxLength: 3 }),
        fc.scheduler(),
        (history, clients, scheduler) => expectSoundMeeting(history, clients, 0, scheduler),
      ),
      { numRuns: 60 },
    )
  })
})

function twice(operation: Operation): readonly Operation[] {
  return [operation, operation]
}

function expectSound({ records, blobs }: TestRegistry): void {
  expect(unsoundRecords(records.snapshot(), blobs.committed)).toEqual([])
}

/** Stops an operation after each of its steps, and repeats it; gives its answer when nothing stops it. */
async function expectSoundCrashes(history: readonly Operation[], last: Operation): Promise<string> {
  const model = new RegistryModel()
  for (const operation of history) model.apply(operation)
  const before = model.view()
  const outcome = model.apply(last)
  for (let steps = 0; ; steps += 1) {
    const registry = openRegistry()
    for (const operation of history) await run(registry.storage, operation)
    registry.records.crashAfter(steps)
    const answer = await answerBeforeCrash(() => run(registry.storage, last))
    registry.records.crashAfter(undefined)
    expectSound(registry)
    if (answer !== undefined) return answer
    expect(outcome === 'done' ? before : await view(registry.storage)).toEqual(before)
    // Nothing of the write that ended early is taken for a write that is under way any more.
    registry.clock.time += hour
    await run(registry.storage, last)
    expectSound(registry)
    expect(await view(registry.storage)).toEqual(model.view())
  }
}

async function answerBeforeCrash(act: () => Promise<string>): Promise<string | undefined> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof CrashError) return undefined
    throw error
  }
}

/** Lets clients meet, so long after what was before. */
async function expectSoundMeeting(
  history: readonly Operation[],
  clients: readonly Operation[],
  pause: number,
  scheduler: fc.Scheduler,
): Promise<void> {
  let isConcurrent = false
  const turn = async (): Promise<void> => {
    if (isConcurrent) await scheduler.schedule(Promise.resolve())
  }
  const registry = openRegistry({ beforeStep: turn, around: (records) => readAfter(records, turn) })
  const model = new RegistryModel()
  for (const operation of history) {
    model.apply(operation)
    await run(registry.storage, operation)
  }
  registry.clock.time += pause
  isConcurrent = true
  const answers = Promise.all(clients.map((operation) => run(registry.storage, operation)))
  await scheduler.waitFor(answers)
  isConcurrent = false
  expectSound(registry)
  const seen = { answers: (await answers).map(collapsed), view: await view(registry.storage) }
  expect(possibleOutcomes(model, clients)).toContainEqual(seen)
}

/** Lets all other clients do everything before a step of the first one, before each of its steps in turn. */
async function expectSoundInsertions(
  history: readonly Operation[],
  [first, ...others]: readonly Operation[],
  pause: number,
): Promise<void> {
  if (first === undefined) return
  for (let place = 0; ; place += 1) {
    let stepsLeft: number | undefined
    const answers: string[] = []
    const registry = openRegistry({
      beforeStep: async () => {
        if (stepsLeft === undefined) return
        stepsLeft -= 1
        if (stepsLeft >= 0) return
        stepsLeft = undefined
        for (const other of others) answers.push(collapsed(await run(registry.storage, other)))
      },
    })
    const model = new RegistryModel()
    for (const operation of history) {
      model.apply(operation)
      await run(registry.storage, operation)
    }
    registry.clock.time += pause
    stepsLeft = place
    answers.unshift(collapsed(await run(registry.storage, first)))
    if (stepsLeft !== undefined) return
    expectSound(registry)
    const seen = { answers, view: await view(registry.storage) }
    expect(possibleOutcomes(model, [first, ...others])).toContainEqual(seen)
  }
}

/** Lets others in before each read. */
function readAfter(records: RecordStore, turn: () => Promise<void>): RecordStore {
  return {
    ...records,
    async get(key) {
      await turn()
      return records.get(key)
    },
    async list(options) {
      await turn()
      return records.list(options)
    },
    async listKeys(options) {
      await turn()
      return records.listKeys(options)
    },
  }
}

/**
 * Steps that were done one by one and then ended at a conflict may have removed something; the repetition then says
 * that it is missing. Either way it is gone.
 */
function collapsed(answer: string): string {
  return answer === 'missing' ? 'done' : answer
}

/**
 * Every answer and end that the operations may come to in one order or another. Pushes and deletes of what they need
 * may see each other and all be refused, without any effect.
 */
function possibleOutcomes(model: RegistryModel, clients: readonly Operation[]): readonly unknown[] {
  const places = clients.map((_, place) => place)
  const refusals = subsets(places).filter(
    (refused) =>
      refused.length === 0 ||
      (refused.some((place) => isDelete(clients[place])) &&
        refused.some((place) => clients[place]?.kind === 'put manifest')),
  )
  return orders(places).flatMap((order) =>
    refusals.map((refused) => outcomeOf(model, clients, order, refused)),
  )
}

function outcomeOf(
  model: RegistryModel,
  clients: readonly Operation[],
  order: readonly number[],
  refused: readonly number[],
): unknown {
  const copy = model.copy()
  const answers: string[] = []
  for (const place of order) {
    const operation = clients[place]
    if (operation === undefined) continue
    if (refused.includes(place))
      answers[place] = isDelete(operation) ? 'UNSUPPORTED' : 'MANIFEST_BLOB_UNKNOWN'
    else answers[place] = collapsed(copy.apply(operation))
  }
  return { answers, view: copy.view() }
}

function isDelete(operation: Operation | undefined): boolean {
  return operation?.kind === 'delete blob' || operation?.kind === 'delete manifest'
}

/** Every order of some things. */
function orders<Thing>(things: readonly Thing[]): readonly (readonly Thing[])[] {
  if (things.length === 0) return [[]]
  return things.flatMap((first, place) => orders(things.toSpliced(place, 1)).map((rest) => [first, ...rest]))
}

function subsets(places: readonly number[]): readonly (readonly number[])[] {
  const [first, ...others] = places
  if (first === undefined) return [[]]
  return subsets(others).flatMap((rest) => [rest, [first, ...rest]])
}
