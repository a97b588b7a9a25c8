import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CrashError } from '../../../../test/fixtures/memory-records.ts'
import { openRegistry, type TestRegistry } from '../../../../test/fixtures/open-registry.ts'
import {
  everything,
  modelRepositories,
  type Operation,
  operations,
  RegistryModel,
  run,
  view,
} from '../../../../test/fixtures/registry-model.ts'
import { unsoundRecords } from '../../../../test/fixtures/unsound-records.ts'
import type { RecordStore } from '../records/record-store.ts'

const hour = 3_600_000
const [firstRepository] = modelRepositories

/** Histories that begin empty, or with a repository that has everything. */
const histories = fc
  .tuple(fc.boolean(), fc.array(operations(), { maxLength: 12 }))
  .map(([isFull, rest]): readonly Operation[] => [
    ...(isFull && firstRepository !== undefined ? everything(firstRepository) : []),
    ...rest,
  ])

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
      { numRuns: 150 },
    )
  })

  it('is sound after every step of every operation, and a repetition ends what was begun', async () => {
    await fc.assert(
      fc.asyncProperty(histories, operations(), async (history, last) => {
        const model = new RegistryModel()
        for (const operation of history) model.apply(operation)
        const before = model.view()
        const outcome = model.apply(last)
        for (let steps = 0; ; steps += 1) {
          const registry = openRegistry()
          for (const operation of history) await run(registry.storage, operation)
          registry.records.crashAfter(steps)
          const isWhole = await endsBeforeCrash(() => run(registry.storage, last))
          registry.records.crashAfter(undefined)
          expectSound(registry)
          if (isWhole) return
          if (outcome !== 'done') expect(await view(registry.storage)).toEqual(before)
          // Old enough that nothing of the write which ended early is taken for one under way.
          registry.clock.time += hour
          await run(registry.storage, last)
          expectSound(registry)
          expect(await view(registry.storage)).toEqual(model.view())
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is sound whatever two or three clients do at once, and each is answered as if one came after the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.array(operations(), { minLength: 2, maxLength: 3 }),
        fc.scheduler(),
        async (history, clients, scheduler) => {
          const registry = openRegistry({
            beforeStep: () => (isConcurrent ? scheduler.schedule(Promise.resolve()) : undefined),
            around: (records) => scheduledReads(records, () => (isConcurrent ? scheduler : undefined)),
          })
          let isConcurrent = false
          const model = new RegistryModel()
          for (const operation of history) {
            model.apply(operation)
            await run(registry.storage, operation)
          }
          isConcurrent = true
          const answers = Promise.all(clients.map((operation) => run(registry.storage, operation)))
          await scheduler.waitFor(answers)
          isConcurrent = false
          expectSound(registry)
          const seen = { answers: (await answers).map(collapsed), view: await view(registry.storage) }
          expect(possibleOutcomes(model, clients)).toContainEqual(seen)
        },
      ),
      { numRuns: 200 },
    )
  })
})

function expectSound({ records, blobs }: TestRegistry): void {
  expect(unsoundRecords(records.snapshot(), blobs.committed)).toEqual([])
}

/**
 * Steps that were done one by one and then ended at a conflict may have removed something; the repetition then says
 * that it is missing. Either way it is gone.
 */
function collapsed(answer: string): string {
  return answer === 'missing' ? 'done' : answer
}

async function endsBeforeCrash(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (error instanceof CrashError) return false
    throw error
  }
}

/**
 * Every answer and end that the operations may come to in one order or another. A push and a delete of what it needs
 * may each see the other and both be refused, without any effect.
 */
function possibleOutcomes(model: RegistryModel, clients: readonly Operation[]): readonly unknown[] {
  return orders(clients.map((_, place) => place)).flatMap((order) => [
    outcomeOf(model, clients, order, []),
    ...order.flatMap((one) =>
      order
        .filter((other) => isDelete(clients[one]) && clients[other]?.kind === 'put manifest')
        .map((other) => outcomeOf(model, clients, order, [one, other])),
    ),
  ])
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

function orders(places: readonly number[]): readonly (readonly number[])[] {
  if (places.length === 0) return [[]]
  return places.flatMap((first) =>
    orders(places.filter((place) => place !== first)).map((rest) => [first, ...rest]),
  )
}

/** Lets others in before each read. */
function scheduledReads(records: RecordStore, current: () => fc.Scheduler | undefined): RecordStore {
  const turn = async (): Promise<void> => {
    await current()?.schedule(Promise.resolve())
  }
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
