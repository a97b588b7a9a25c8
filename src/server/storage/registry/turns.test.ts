import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

describe('Turns', () => {
  it('does what has one key one after another, also after a failure, and the rest at once', async () => {
    const turns = new Turns()
    const log: string[] = []
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const first = turns.take('a', async () => {
      await gate
      log.push('first')
      throw new Error('first failed')
    })
    const second = turns.take('a', async () => log.push('second'))
    await turns.take('b', async () => log.push('other'))
    open()
    await expect(first).rejects.toThrow('first failed')
    await second
    await turns.take('a', async () => log.push('third'))
    expect(log).toEqual(['other', 'first', 'second', 'third'])
  })
})
