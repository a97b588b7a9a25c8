import { createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { createTransport } from './create-transport.ts'
import type { HttpRequest, HttpResponse, Transport, TransportOptions } from './types.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

interface WireServer {
  readonly url: URL
  /** How many connections there were. */
  readonly connections: () => number
}

/** A server that is handed what comes as text, and answers as it likes. */
async function serveBytes(answer: (text: string, socket: Socket) => void): Promise<WireServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => answer(data.toString('latin1'), socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address')
  return { url: new URL(`http://127.0.0.1:${address.port}/`), connections: () => connections }
}

function openTransport(options: TransportOptions = {}): Transport {
  const transport = createTransport(options, { wait: () => Promise.resolve(), random: () => 0 })
  return stack.adopt(transport, async () => transport.close())
}

async function textOf(response: HttpResponse): Promise<string> {
  return Buffer.from(await response.bytes(1_000_000)).toString()
}

/** More than any buffer on the way holds, for as long as somebody reads. */
function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(64 * 1024))
    },
  })
}

describe('answers', () => {
  test('are what comes after those that only inform', async () => {
    const server = await serveBytes((_text, socket) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    const transport = openTransport()
    for (let index = 0; index < 2; index++) {
      const response = await transport.request({ method: 'GET', url: server.url })
      expect(response.status).toBe(200)
      expect(await textOf(response)).toBe('ok')
    }
    expect(server.connections()).toBe(1)
  })

  test.each([
    ['a length', 'content-length: 1000\r\n'],
    ['no length', ''],
  ])('to HEAD with %s keep their connection', async (_kind, header) => {
    const server = await serveBytes((_text, socket) => socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n`))
    const transport = openTransport()
    for (let index = 0; index < 3; index++) {
      const response = await transport.request({ method: 'HEAD', url: server.url })
      expect(await textOf(response)).toBe('')
    }
    expect(server.connections()).toBe(1)
  })

  test('to HEAD that say so close their connection', async () => {
    const server = await serveBytes((_text, socket) =>
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'),
    )
    const transport = openTransport({ tries: 1 })
    for (let index = 0; index < 3; index++) {
      await (await transport.request({ method: 'HEAD', url: server.url })).discard()
    }
    expect(server.connections()).toBe(3)
  })

  test('without a length last until the connection ends', async () => {
    const server = await serveBytes((_text, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
    expect(await textOf(await openTransport().request({ method: 'GET', url: server.url }))).toBe('all of it')
  })

  test.each([
    ['with a length', 'content-length: 100\r\n\r\nhalf'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['inside of a chunk', 'transfer-encoding: chunked\r\n\r\n10\r\nhalf'],
  ])('%s that end too early are an error', async (_kind, rest) => {
    const server = await serveBytes((_text, socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
    const response = await openTransport().request({ method: 'GET', url: server.url })
    await expect(response.bytes(1000)).rejects.toMatchObject({ code: 'HTTP_CONNECTION', reason: 'reset' })
  })

  test.each([
    ['that end in the middle of the head', 'HTTP/1.1 200 OK\r\ncontent-le', 'reset'],
    ['with a head that never ends', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(100_000)}\r\n\r\n`, 'protocol'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 'protocol'],
    [
      'that switch to something else',
      'HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n',
      'reset',
    ],
  ])('%s are an error', async (_kind, text, reason) => {
    const server = await serveBytes((_text, socket) => socket.end(text))
    const request = openTransport({ tries: 1 }).request({ method: 'GET', url: server.url })
    await expect(request).rejects.toMatchObject({ code: 'HTTP_CONNECTION', reason })
  })

  test('that come before the body was sent end the sending, and their connection is not used again', async () => {
    const server = await serveBytes((text, socket) => {
      const first = socket.bytesRead === text.length
      if (first) socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
    })
    const transport = openTransport()
    for (let index = 0; index < 2; index++) {
      const source = endless()
      const closed = new Promise((resolve) => source.once('close', resolve))
      const body = { length: 1e12, open: () => Promise.resolve(source) }
      const response = await transport.request({ method: 'PUT', url: server.url, body })
      expect(response.status).toBe(413)
      expect(await textOf(response)).toBe('no')
      await closed
    }
    expect(server.connections()).toBe(2)
  })
})

describe('connections', () => {
  test('that the server closed meanwhile are opened anew', async () => {
    let closing: Socket | undefined
    const server = await serveBytes((_text, socket) => {
      closing = socket
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    const transport = openTransport()
    await (await transport.request({ method: 'GET', url: server.url })).discard()
    closing?.resetAndDestroy()
    expect(await textOf(await transport.request({ method: 'GET', url: server.url }))).toBe('ok')
    expect(server.connections()).toBe(2)
  })

  test('end requests under way with an error that says that the transport was closed', async () => {
    const asked = Promise.withResolvers<void>()
    const server = await serveBytes((text, socket) => {
      if (text.startsWith('GET /body')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')
      else asked.resolve()
    })
    const transport = openTransport()
    const url = new URL('/body', server.url)
    const reading = (await transport.request({ method: 'GET', url })).bytes(10)
    const waiting = transport.request({ method: 'GET', url: server.url })
    const ends = [reading, waiting].map(async (each) =>
      expect(each).rejects.toThrow('the transport was closed'),
    )
    await asked.promise
    await transport.close()
    await Promise.all(ends)
  })

  test('that do not stand yet are not waited for after an abort', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const transport = createTransport({}, { lookup: () => controller.abort(reason) })
    const url = new URL('http://registry.test/')
    await expect(transport.request({ method: 'GET', url, signal: controller.signal })).rejects.toBe(reason)
    await transport.close()
  })
})

describe('requests', () => {
  test.each<[string, Partial<HttpRequest>]>([
    ['a header of two lines', { headers: { 'x-a': 'a\r\nb: c' } }],
    ['a header without a name', { headers: { 'x a': 'b' } }],
  ])('with %s are not sent, and hold no place', async (_kind, wrong) => {
    const server = await serveBytes((_text, socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
    )
    const transport = openTransport({ requestsPerHost: 1 })
    const source = endless()
    const body = { length: 5, open: () => Promise.resolve(source) }
    const request = transport.request({ method: 'PUT', url: server.url, body, ...wrong })
    await expect(request).rejects.toMatchObject({ code: 'HTTP_CONNECTION', reason: 'protocol' })
    expect(source.destroyed).toBe(true)
    expect(server.connections()).toBe(0)
    const next = { length: 1, open: () => Promise.resolve(Readable.from([Buffer.from('x')])) }
    expect((await transport.request({ method: 'PUT', url: server.url, body: next })).status).toBe(200)
  })
})
