import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createTcpServer, type LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../test/fixtures/http-server.ts'
import { createTransport } from './create-transport.ts'
import { HttpBodyTooLargeError, HttpConnectionError } from './errors.ts'
import type { HttpExchange, HttpResponse, Transport, TransportOptions } from './types.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

async function serve(listener: RequestListener): Promise<TestServer> {
  return stack.use(await startServer(listener))
}

function openTransport(options: TransportOptions = {}): Transport {
  return stack.adopt(createTransport(options), async (transport) => transport.close())
}

async function textOf(response: HttpResponse): Promise<string> {
  return Buffer.from(await response.bytes(1_000_000)).toString()
}

async function received(request: IncomingMessage): Promise<string> {
  const chunks: unknown[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.join('')
}

/** Sends more than any buffer on the way holds, for as long as somebody reads. */
function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(64 * 1024))
    },
  })
}

describe('request()', () => {
  test('gives status, headers and body', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(418, { 'X-Thing': 'a', 'WWW-Authenticate': ['Basic realm="a"', 'Bearer realm="b"'] })
      response.end('short and stout')
    })
    const response = await openTransport().request({ method: 'GET', url: new URL('/pot?x=1', server.url) })
    expect(response.status).toBe(418)
    expect(response.url.pathname).toBe('/pot')
    expect(response.header('x-thing')).toBe('a')
    expect(response.header('x-other')).toBeUndefined()
    expect(response.headerValues('www-authenticate')).toEqual(['Basic realm="a"', 'Bearer realm="b"'])
    expect(response.header('www-authenticate')).toBe('Basic realm="a", Bearer realm="b"')
    expect(await textOf(response)).toBe('short and stout')
  })

  test('sends its headers, names itself, and asks for what is stored, not for something compressed', async () => {
    const seen: IncomingMessage['headers'][] = []
    const server = await serve((request, response) => {
      seen.push(request.headers)
      response.end()
    })
    const transport = openTransport({ userAgent: 'lading/1.0' })
    const response = await transport.request({
      method: 'GET',
      url: new URL('/v2/a?b=c%2Fd', server.url),
      headers: { accept: 'a/b' },
    })
    await response.discard()
    expect(seen[0]).toMatchObject({
      accept: 'a/b',
      'user-agent': 'lading/1.0',
      'accept-encoding': 'identity',
      host: server.url.host,
    })
  })

  test('does not decode what was compressed all the same', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end('not really gzip')
    })
    const response = await openTransport().request({ method: 'GET', url: server.url })
    expect(await textOf(response)).toBe('not really gzip')
  })

  test.each([
    ['bytes', Buffer.from('hello'), 'hello', '5'],
    [
      'a stream',
      { length: 5, open: () => Promise.resolve(Readable.from([Buffer.from('hello')])) },
      'hello',
      '5',
    ],
    ['an empty stream', { length: 0, open: () => Promise.reject(new Error('opened')) }, '', '0'],
    ['no body', undefined, '', '0'],
  ])('sends %s with its length', async (_kind, body, text, length) => {
    const server = await serve((request, response) => {
      response.setHeader('x-length', request.headers['content-length'] ?? 'none')
      response.setHeader('x-encoding', request.headers['transfer-encoding'] ?? 'none')
      void received(request).then((content) => response.end(content))
    })
    const response = await openTransport().request({ method: 'PUT', url: server.url, ...(body && { body }) })
    expect(await textOf(response)).toBe(text)
    expect(response.header('x-length')).toBe(length)
    expect(response.header('x-encoding')).toBe('none')
  })

  test.each([
    ['shorter', ['hell']],
    ['longer', ['hello', ' you']],
  ])('rejects when the body is %s than was said, and does not try again', async (_kind, chunks) => {
    let opened = 0
    const server = await serve((request, response) => {
      request.resume().on('end', () => response.end())
    })
    const request = openTransport().request({
      method: 'PUT',
      url: server.url,
      body: {
        length: 5,
        open: () => {
          opened++
          return Promise.resolve(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))
        },
      },
    })
    await expect(request).rejects.toThrow('the body to send is not as long as it was said to be')
    expect(opened).toBe(1)
  })

  test('rejects with the own error of a body that fails, and does not try again', async () => {
    const reason = new Error('the source broke')
    const server = await serve((request) => request.resume())
    const source = new Readable({
      read() {
        this.push(Buffer.from('he'))
        this.destroy(reason)
      },
    })
    const request = openTransport().request({
      method: 'PUT',
      url: server.url,
      body: { length: 5, open: () => Promise.resolve(source) },
    })
    await expect(request).rejects.toBe(reason)
  })

  test('rejects with the error of a body that cannot be opened, and keeps no place for it', async () => {
    const server = await serve((_request, response) => response.end('here'))
    const transport = openTransport({ requestsPerHost: 1 })
    const broken = { length: 5, open: () => Promise.reject(new Error('no such blob')) }
    await expect(transport.request({ method: 'PUT', url: server.url, body: broken })).rejects.toThrow(
      'no such blob',
    )
    const body = { length: 1, open: () => Promise.resolve(Readable.from([Buffer.from('x')])) }
    expect((await transport.request({ method: 'PUT', url: server.url, body })).status).toBe(200)
  })

  test('gives the answer that comes before the body was sent, and stops sending', async () => {
    const source = endless()
    const server = await serve((_request, response) => {
      response.writeHead(401, { connection: 'close' })
      response.end('no')
    })
    const response = await openTransport().request({
      method: 'PUT',
      url: server.url,
      repeatable: false,
      body: { length: 1e12, open: () => Promise.resolve(source) },
    })
    expect(response.status).toBe(401)
    expect(await textOf(response)).toBe('no')
    if (!source.closed) await new Promise((resolve) => source.once('close', resolve))
    expect(source.destroyed).toBe(true)
  })

  test('reports each exchange, with the URL redacted', async () => {
    const server = await serve((_request, response) => response.end())
    const exchanges: HttpExchange[] = []
    const transport = openTransport({ onExchange: (exchange) => exchanges.push(exchange) })
    const response = await transport.request({ method: 'GET', url: new URL('/a?sig=secret', server.url) })
    await response.discard()
    expect(exchanges).toMatchObject([{ method: 'GET', status: 200 }])
    expect(exchanges[0]?.url).not.toContain('secret')
  })

  test('reports each warning once', async () => {
    const server = await serve((_request, response) => {
      response.setHeader('warning', ['299 - "going away"', '299 - "soon"'])
      response.end()
    })
    const warnings: unknown[] = []
    const transport = openTransport({ onWarning: (warning) => warnings.push(warning) })
    for (let index = 0; index < 3; index++) {
      await (await transport.request({ method: 'GET', url: server.url })).discard()
    }
    const { host } = server.url
    expect(warnings).toEqual([
      { host, text: 'going away' },
      { host, text: 'soon' },
    ])
  })
})

describe('bytes() and discard()', () => {
  test('bytes() refuses a body over the limit, and closes its connection', async () => {
    const closed = Promise.withResolvers<void>()
    const server = await serve((_request, response) => {
      response.on('close', closed.resolve)
      endless().pipe(response)
    })
    const response = await openTransport().request({ method: 'GET', url: server.url })
    await expect(response.bytes(1000)).rejects.toThrow(HttpBodyTooLargeError)
    await closed.promise
  })

  test('bytes() takes a body of exactly the limit', async () => {
    const server = await serve((_request, response) => response.end('12345'))
    const response = await openTransport().request({ method: 'GET', url: server.url })
    expect(await response.bytes(5)).toHaveLength(5)
  })

  test('discard() keeps the connection of a short body and closes that of a long one', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/short') response.end('x'.repeat(1000))
      else endless().pipe(response)
    })
    const transport = openTransport()
    const get = async (path: string): Promise<void> => {
      await (await transport.request({ method: 'GET', url: new URL(path, server.url) })).discard()
    }
    await get('/short')
    await get('/short')
    expect(server.connections()).toBe(1)
    await get('/long')
    await get('/short')
    expect(server.connections()).toBe(2)
  })

  test('a body that breaks off is an error that says so, never an end', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => response.destroy())
    })
    const response = await openTransport().request({ method: 'GET', url: server.url })
    const error = await response.bytes(1000).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(HttpConnectionError)
    expect(error).toMatchObject({ reason: 'reset' })
  })
})

describe('connections', () => {
  test('are used again', async () => {
    const server = await serve((request, response) => {
      request.resume().on('end', () => response.end('x'))
    })
    const transport = openTransport()
    for (let index = 0; index < 20; index++) {
      const method = index % 2 === 0 ? 'GET' : 'PUT'
      const body = method === 'PUT' ? { body: Buffer.from('body') } : {}
      await (await transport.request({ method, url: server.url, ...body })).bytes(10)
    }
    expect(server.connections()).toBe(1)
  })

  test('are limited for each host, and every request gets its turn', async () => {
    let most = 0
    const waiting: ServerResponse[] = []
    const server = await serve((_request, response) => {
      most = Math.max(most, waiting.push(response))
      // Every answer waits until as many requests as may come at a time have come.
      if (waiting.length === 3) for (const held of waiting.splice(0)) held.end('x')
    })
    const transport = openTransport({ requestsPerHost: 3 })
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () =>
        textOf(await transport.request({ method: 'GET', url: server.url })),
      ),
    )
    expect(answers.join('')).toBe('x'.repeat(30))
    expect(most).toBe(3)
    expect(server.connections()).toBe(3)
  })

  test('are not starved by a hundred bodies that nobody reads to the end', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/endless') endless().pipe(response)
      else response.end('still here')
    })
    const transport = openTransport({ requestsPerHost: 4 })
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const { body } = await transport.request({ method: 'GET', url: new URL('/endless', server.url) })
        body.destroy()
      }),
    )
    expect(await textOf(await transport.request({ method: 'GET', url: server.url }))).toBe('still here')
  })

  test('are not held by answers without a body that nobody reads', async () => {
    const server = await serve((_request, response) => response.end())
    const transport = openTransport({ requestsPerHost: 2 })
    for (let index = 0; index < 10; index++) {
      expect((await transport.request({ method: 'HEAD', url: server.url })).status).toBe(200)
    }
  })

  test('let uploads whose bodies come from the same host through, as many as there may be', async () => {
    const server = await serve((request, response) => {
      if (request.method === 'PUT')
        void received(request).then((content) => response.end(String(content.length)))
      else response.end('x'.repeat(300_000))
    })
    const transport = openTransport({ requestsPerHost: 2 })
    const copies = Array.from({ length: 10 }, async () => {
      const open = async (): Promise<Readable> =>
        (await transport.request({ method: 'GET', url: server.url })).body
      return textOf(
        await transport.request({ method: 'PUT', url: server.url, body: { length: 300_000, open } }),
      )
    })
    expect(new Set(await Promise.all(copies))).toEqual(new Set(['300000']))
  })

  test('are gone after close()', async () => {
    const server = await serve((_request, response) => response.end())
    const transport = createTransport()
    await (await transport.request({ method: 'GET', url: server.url })).discard()
    await transport.close()
    await expect(transport.request({ method: 'GET', url: server.url })).rejects.toThrow(
      'the transport was closed',
    )
  })
})

describe('signal', () => {
  test('rejects at once when it is aborted already', async () => {
    const reason = new Error('enough')
    const url = new URL('http://127.0.0.1:1/')
    await expect(
      openTransport().request({ method: 'GET', url, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
  })

  test('ends the wait for an answer, and frees the place', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const server = await serve((request, response) => {
      if (request.url === '/slow') controller.abort(reason)
      else response.end('next')
    })
    const transport = openTransport({ requestsPerHost: 1 })
    const slow = transport.request({
      method: 'GET',
      url: new URL('/slow', server.url),
      signal: controller.signal,
    })
    await expect(slow).rejects.toBe(reason)
    expect(await textOf(await transport.request({ method: 'GET', url: server.url }))).toBe('next')
  })

  test('ends a body in the middle, with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const server = await serve((_request, response) => endless().pipe(response))
    const response = await openTransport().request({
      method: 'GET',
      url: server.url,
      signal: controller.signal,
    })
    const reading = response.bytes(Infinity)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })

  test('ends an upload in the middle, and its source', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const source = endless()
    const server = await serve((request) => {
      request.once('data', () => controller.abort(reason))
    })
    const upload = openTransport().request({
      method: 'PUT',
      url: server.url,
      body: { length: 1e12, open: () => Promise.resolve(source) },
      signal: controller.signal,
    })
    await expect(upload).rejects.toBe(reason)
    expect(source.destroyed).toBe(true)
  })
})

const knowsNoName: LookupFunction = (_name, _options, callback) =>
  callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '', 0)

describe('failures', () => {
  test.each([
    ['nobody listens', 'http://127.0.0.1:1/', 'connect', 'Cannot reach 127.0.0.1:1: nothing listens there'],
    ['no such name', 'http://registry.invalid/', 'dns', 'Cannot reach registry.invalid: no such host'],
  ])('%s', async (_case, url, reason, message) => {
    const transport = createTransport({}, { lookup: knowsNoName })
    const error = await transport
      .request({ method: 'GET', url: new URL(url) })
      .catch((caught: unknown) => caught)
    await transport.close()
    expect(error).toBeInstanceOf(HttpConnectionError)
    expect(error).toMatchObject({ code: 'HTTP_CONNECTION', reason, message })
  })

  test('no connection in time', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    stack.defer(() => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const request = openTransport({ timeouts: { connect: 20 } }).request({
      method: 'GET',
      url: new URL(`https://127.0.0.1:${port}/`),
    })
    await expect(request).rejects.toMatchObject({
      reason: 'timeout',
      message: `Cannot reach 127.0.0.1:${port}: it did not connect in time`,
    })
  })

  test('no answer in time', async () => {
    const server = await serve(() => undefined)
    const transport = openTransport({ timeouts: { headers: 20 } })
    const error = await transport
      .request({ method: 'GET', url: server.url })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      reason: 'timeout',
      message: `Cannot GET ${server.url.href}: no answer came in time`,
    })
  })

  test('a body that stops coming', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
    })
    const transport = openTransport({ timeouts: { body: 20 } })
    const response = await transport.request({ method: 'GET', url: server.url })
    await expect(response.bytes(1000)).rejects.toMatchObject({ reason: 'timeout' })
  })

  test('an answer that is not HTTP', async () => {
    const server = await serve(() => undefined)
    server.server.on('connection', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    const request = openTransport({ tries: 1 }).request({ method: 'GET', url: server.url })
    await expect(request).rejects.toMatchObject({ reason: 'protocol' })
  })
})
