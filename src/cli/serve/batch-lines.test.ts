import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { batchLines } from './batch-lines.ts'

describe('batchLines()', () => {
  test('writes the lines of one turn together, in their order', async () => {
    const writes: string[] = []
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        writes.push(chunk.toString())
        done()
      },
    })
    const lines = batchLines(stream)
    lines.write('a\n')
    lines.write('b\n')
    await setImmediate()
    lines.write('c\n')
    await setImmediate()
    expect(writes).toEqual(['a\nb\n', 'c\n'])
  })

  test('drops lines while nobody reads, and says how many', async () => {
    const written: string[] = []
    const taken: (() => void)[] = []
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString())
        taken.push(done)
      },
    })
    const lines = batchLines(stream)
    lines.write(`${'x'.repeat(9 * 1024 * 1024)}\n`)
    await setImmediate()
    lines.write('lost\n')
    lines.write('lost too\n')
    await setImmediate()
    const drained = once(stream, 'drain')
    taken.shift()?.()
    await drained
    lines.write('kept\n')
    await setImmediate()
    taken.shift()?.()
    taken.shift()?.()
    expect(written.slice(1).join('')).toMatch(/^\{"level":"warn","dropped":2,.*\}\nkept\n$/)
  })
})
