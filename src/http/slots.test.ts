import { describe, expect, test } from 'vitest'
import { Slots } from './slots.ts'

/** Lets everything that is ready to go on go on. */
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('Slots', () => {
  test('gives out as many as there are, then waits, in the order of the calls', async () => {
    const slots = new Slots(2)
    const first = await slots.take(undefined)
    await slots.take(undefined)
    const order: string[] = []
    void slots.take(undefined).then(() => order.push('third'))
    void slots.take(undefined).then(() => order.push('fourth'))
    await settled()
    expect(order).toEqual([])
    first()
    first()
    await settled()
    expect(order).toEqual(['third'])
  })

  test('forgets those who were aborted while they waited', async () => {
    const slots = new Slots(1)
    const giveBack = await slots.take(undefined)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = slots.take(controller.signal)
    const next = slots.take(undefined)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    giveBack()
    expect(await next).toBeTypeOf('function')
  })

  test('gives none to a signal that is aborted already', async () => {
    const reason = new Error('enough')
    await expect(new Slots(1).take(AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
