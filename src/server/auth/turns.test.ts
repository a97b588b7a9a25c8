import { describe, expect, test } from 'vitest'
import { Turns } from './turns.ts'

/** Actions that end when they are told to, and the order in which they began. */
function scripted(turns: Turns): {
  readonly begun: string[]
  run(client: string, name: string): Promise<unknown>
  endNext(): Promise<void>
} {
  const begun: string[] = []
  const ends: (() => void)[] = []
  return {
    begun,
    run: (client, name) =>
      turns.run(client, () => {
        begun.push(name)
        return new Promise<void>((resolve) => ends.push(resolve))
      }),
    async endNext() {
      ends.shift()?.()
      await new Promise(setImmediate)
    },
  }
}

describe('Turns', () => {
  test('clients take turns, however many actions one of them has waiting', async () => {
    const script = scripted(new Turns({ atOnce: 1, waiting: 100, waitingPerClient: 10 }))
    for (const name of ['a1', 'a2', 'a3', 'a4']) void script.run('a', name)
    void script.run('b', 'b1')
    void script.run('c', 'c1')
    for (let count = 0; count < 6; count += 1) await script.endNext()
    expect(script.begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'a4'])
  })

  test('no more run at once than may', async () => {
    const script = scripted(new Turns({ atOnce: 2, waiting: 100, waitingPerClient: 10 }))
    for (const name of ['1', '2', '3', '4']) void script.run('a', name)
    expect(script.begun).toEqual(['1', '2'])
    await script.endNext()
    expect(script.begun).toEqual(['1', '2', '3'])
  })

  test('a client with too many waiting is refused, another is not', async () => {
    const script = scripted(new Turns({ atOnce: 1, waiting: 100, waitingPerClient: 2 }))
    for (const name of ['1', '2', '3']) void script.run('a', name)
    expect(await script.run('a', '4')).toBe('client-waits-too-often')
    void script.run('b', 'b1')
    for (let count = 0; count < 4; count += 1) await script.endNext()
    expect(script.begun).toEqual(['1', '2', 'b1', '3'])
  })

  test('where too many wait in all, everybody is refused', async () => {
    const script = scripted(new Turns({ atOnce: 1, waiting: 2, waitingPerClient: 2 }))
    for (const client of ['a', 'b', 'c']) void script.run(client, client)
    expect(await script.run('d', 'd')).toBe('too-many-wait')
    await script.endNext()
    void script.run('d', 'd')
    for (let count = 0; count < 3; count += 1) await script.endNext()
    expect(script.begun).toEqual(['a', 'b', 'c', 'd'])
  })

  test('an action that fails hands its place on', async () => {
    const turns = new Turns({ atOnce: 1, waiting: 10, waitingPerClient: 10 })
    const failing = turns.run('a', () => Promise.reject(new Error('broken')))
    const next = turns.run('a', async () => 'done')
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toEqual({ result: 'done' })
    expect(await turns.run('a', async () => 'again')).toEqual({ result: 'again' })
  })
})
