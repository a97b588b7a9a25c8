import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createServer, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DamagedContentError } from '../../../content/index.ts'
import { FileReadable } from './file-readable.ts'
import { ReadBuffers } from './read-buffers.ts'

const bytes = randomBytes(3_000_001)
const buffers = new ReadBuffers()

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-file-readable-'))
  path = join(directory, 'blob')
  await writeFile(path, bytes)
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const ranges = [
  [0, bytes.length],
  [0, 1],
  [524_287, 524_289],
  [1_000_000, bytes.length],
  [5, 5],
] as const

describe('a stream of a file', () => {
  test.each(ranges)('gives the bytes from %i to %i', async (start, end) => {
    const stream = await openPart(start, end)
    expect(stream.byteLength).toBe(end - start)
    expect((await buffer(stream)).equals(bytes.subarray(start, end))).toBe(true)
  })

  test.each([0, 2_000_000])('ends in an error when the file is cut to %i bytes', async (size) => {
    const stream = await openPart(0, bytes.length)
    const file = await open(path, 'r+')
    await file.truncate(size)
    await file.close()
    await expect(buffer(stream)).rejects.toThrow(DamagedContentError)
  })

  test("ends with the signal's reason", async () => {
    const controller = new AbortController()
    const stream = await openPart(0, bytes.length, controller.signal)
    controller.abort(new Error('enough'))
    await expect(buffer(stream)).rejects.toThrow('enough')
  })
})

describe('writeTo()', () => {
  test.each(ranges)('writes the bytes from %i to %i', async (start, end) => {
    const received: Buffer[] = []
    const target = new Writable({
      write(chunk: Buffer, _encoding, callback) {
        received.push(Buffer.from(chunk))
        setImmediate(callback)
      },
    })
    await (await openPart(start, end)).writeTo(target)
    expect(Buffer.concat(received).equals(bytes.subarray(start, end))).toBe(true)
  })

  test('uses no buffer again before the target let go of it', async () => {
    const received: Buffer[] = []
    const target = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, callback) {
        // Looked at as late as may be: two turns of the event loop and a read of the file after it was handed over.
        setImmediate(() => {
          stat(path, () => {
            received.push(Buffer.from(chunk))
            callback()
          })
        })
      },
    })
    await (await openPart(0, bytes.length)).writeTo(target)
    expect(Buffer.concat(received).equals(bytes)).toBe(true)
  })

  test('throws when the file turns out to be too short', async () => {
    const stream = await openPart(0, bytes.length)
    const file = await open(path, 'r+')
    await file.truncate(10)
    await file.close()
    await expect(stream.writeTo(new PassThrough().resume())).rejects.toThrow(DamagedContentError)
  })

  test("throws the signal's reason while the target takes nothing", async () => {
    const controller = new AbortController()
    const stream = await openPart(0, bytes.length, controller.signal)
    const target = new PassThrough()
    target.once('readable', () => controller.abort(new Error('enough')))
    await expect(stream.writeTo(target)).rejects.toThrow('enough')
    expect(stream.destroyed).toBe(true)
  })

  test('resolves, and closes the file, when the target closes before the end', async () => {
    const stream = await openPart(0, bytes.length)
    const target = new PassThrough()
    target.once('readable', () => target.destroy())
    await stream.writeTo(target)
    if (!stream.closed) await once(stream, 'close')
    expect(stream.closed).toBe(true)
  })

  test('answers many requests over sockets at once, some of which are broken off', async () => {
    const server = createServer((_request, response) => {
      void (async () => {
        response.writeHead(200, { 'Content-Length': bytes.length })
        await (await openPart(0, bytes.length)).writeTo(response)
        response.end()
      })()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      const whole = await Promise.all(
        Array.from({ length: 24 }, async (_, number) => {
          const request = get({ host: '127.0.0.1', port: address.port, agent: false })
          const response = await new Promise<IncomingMessage>((resolve, reject) => {
            request.once('response', resolve).once('error', reject)
          })
          if (number % 3 > 0) return (await buffer(response)).equals(bytes)
          await once(response, 'readable')
          request.destroy()
          return 'broken off'
        }),
      )
      expect(whole.filter((outcome) => outcome === true)).toHaveLength(16)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

async function openPart(start: number, end: number, signal?: AbortSignal): Promise<FileReadable> {
  return new FileReadable(await open(path, 'r'), { start, end, buffers, signal })
}
