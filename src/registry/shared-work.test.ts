import { describe, expect, test } from 'vitest'
import { SharedWork } from './shared-work.ts'

function fail(): Promise<string> {
  return Promise.reject(new Error('no'))
}

describe('SharedWork', () => {
  test('is done once for all who ask at the same time, and again for who asks later', async () => {
    const work = new SharedWork<number>()
    let count = 0
    const start = async (): Promise<number> => (count += 1)
    expect(await Promise.all([work.run('a', start), work.run('a', start), work.run('b', start)])).toEqual([
      1, 1, 2,
    ])
    expect(await work.run('a', start)).toBe(3)
  })

  test('fails for all who ask at the same time, and is tried again later', async () => {
    const work = new SharedWork<string>()
    const results = await Promise.allSettled([work.run('a', fail), work.run('a', fail)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await work.run('a', async () => 'yes')).toBe('yes')
  })

  test('goes on when one of several loses patience', async () => {
    const work = new SharedWork<string>()
    const { promise, resolve } = Promise.withResolvers<string>()
    const impatient = new AbortController()
    const signals: AbortSignal[] = []
    const start = (signal: AbortSignal): Promise<string> => {
      signals.push(signal)
      return promise
    }
    const left = work.run('a', start, impatient.signal)
    const stays = work.run('a', start)
    impatient.abort(new Error('enough'))
    await expect(left).rejects.toThrow('enough')
    expect(signals[0]?.aborted).toBe(false)
    resolve('done')
    expect(await stays).toBe('done')
  })

  test('is ended, and has cleaned up, when nobody waits any more', async () => {
    const work = new SharedWork<void>()
    const controller = new AbortController()
    const steps: string[] = []
    const run = work.run(
      'a',
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            setImmediate(() => {
              steps.push('cleaned up')
              reject(new Error('aborted'))
            })
          })
        }),
      controller.signal,
    )
    controller.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(steps).toEqual(['cleaned up'])
  })

  test('is not started for who has no patience to begin with', async () => {
    const work = new SharedWork<string>()
    await expect(work.run('a', fail, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})
