import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { rawExchange } from '../../../test/fixtures/raw-exchange.ts'
import { silentLog } from '../log/silent-log.ts'
import { createHttpServer } from './create-http-server.ts'
import { type Listening, startListening } from './listening.ts'

describe('a server that listens', () => {
  test.each([
    ['GARBAGE\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    [`GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('answers what is no request in the shape of the specification, case %#', async (written, status) => {
    await using listening = await listen((_request, response) => response.end())
    const [head = '', body = ''] = (await rawExchange(listening.port, written)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\nContent-Type: application/json\r\n`))
    expect(JSON.parse(body)).toMatchObject({ errors: [{ code: 'UNSUPPORTED' }] })
  })

  test('writes nothing into an answer that has begun when what follows is no request', async () => {
    await using listening = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Length': 10 })
      response.write('01234')
    })
    const socket = connect({ host: '127.0.0.1', port: listening.port })
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    socket.write('GARBAGE\r\n\r\n')
    await once(socket, 'close')
    expect(answer.split('\r\n\r\n').at(-1)).toBe('01234')
  })

  test('answers requests on one connection in their order', async () => {
    await using listening = await listen((request, response) => response.end(`<${request.url ?? ''}>`))
    const answer = await rawExchange(
      listening.port,
      ['/a', '/b', '/c'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('') +
        'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(answer.match(/<[^>]*>/g)).toEqual(['</a>', '</b>', '</c>', '</last>'])
  })

  test('hands on a request when those before it on its connection are answered', async () => {
    const held: ServerResponse[] = []
    const arrived: string[] = []
    await using listening = await listen((request, response) => {
      arrived.push(request.url ?? '')
      if (arrived.length === 1) held.push(response)
      else response.end('later')
    })
    const socket = connect({ host: '127.0.0.1', port: listening.port })
    socket.write(
      ['/a', '/b', '/c'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('') +
        'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    const other = `GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
    while (held.length === 0) await rawExchange(listening.port, 'GARBAGE\r\n\r\n')
    await rawExchange(listening.port, other)
    expect(arrived).toEqual(['/a', '/other'])
    held[0]?.end('first')
    await once(socket.resume(), 'close')
    expect(arrived).toEqual(['/a', '/other', '/b', '/c', '/last'])
  })

  test('cuts a connection on which too many requests wait', async () => {
    let arrived = 0
    await using listening = await listen(() => (arrived += 1))
    expect(await rawExchange(listening.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(40))).toBe('')
    expect(arrived).toBe(1)
  })

  test('stops when the request that runs is answered', async () => {
    const arrived = Promise.withResolvers<ServerResponse>()
    await using listening = await listen((_request, response) => arrived.resolve(response))
    const answer = rawExchange(listening.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const response = await arrived.promise
    const stopped = listening.stop(60_000)
    const refused = connect({ host: '127.0.0.1', port: listening.port })
    await expect(once(refused, 'connect')).rejects.toThrow('ECONNREFUSED')
    response.end('whole')
    expect(await answer).toContain('whole')
    expect(await stopped).toBe(true)
  })

  test('cuts off what does not end in time, and says so', async () => {
    const arrived = Promise.withResolvers<void>()
    await using listening = await listen(() => arrived.resolve())
    const answer = rawExchange(listening.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await arrived.promise
    expect(await listening.stop(1)).toBe(false)
    expect(await answer).toBe('')
  })
})

describe('a silent client', () => {
  /** Milliseconds; short, as only the order of events is looked at. */
  const silenceMs = 50

  async function serve(onRequest: RequestListener): Promise<{ readonly port: number } & Disposable> {
    const server = createHttpServer(onRequest, { maxConnections: 10, silenceMs })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return {
      port: address.port,
      [Symbol.dispose]() {
        server.close()
        server.closeAllConnections()
      },
    }
  }

  test('is ended in the middle of a body, and what it sent arrived', async () => {
    const ended = Promise.withResolvers<{ readonly bytes: number; readonly error: unknown }>()
    using server = await serve((request) => {
      let bytes = 0
      request.on('data', (chunk: Buffer) => (bytes += chunk.length))
      request.on('error', (error) => ended.resolve({ bytes, error }))
    })
    const answer = await rawExchange(
      server.port,
      'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n12345',
    )
    expect(await ended.promise).toMatchObject({ bytes: 5, error: { code: 'SILENT_CLIENT' } })
    expect(answer).toBe('')
  })

  test('is not one that waits for a server which works', async () => {
    const quiet = Promise.withResolvers<void>()
    using server = await serve((request: IncomingMessage, response) => {
      request.resume()
      response.on('timeout', () => quiet.resolve())
      request.on('end', () => void quiet.promise.then(() => response.end('done')))
    })
    const answer = await rawExchange(
      server.port,
      'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345',
    )
    expect(answer).toContain('done')
  })

  test('is ended when it does not read its answer', async () => {
    const closed = Promise.withResolvers<boolean>()
    using server = await serve((_request, response) => {
      response.write(Buffer.alloc(64 * 1024 * 1024))
      response.on('close', () => closed.resolve(response.writableFinished))
    })
    const socket = connect({ host: '127.0.0.1', port: server.port })
    socket.on('error', () => undefined)
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await closed.promise).toBe(false)
    socket.destroy()
  })
})

async function listen(onRequest: RequestListener): Promise<Listening & AsyncDisposable> {
  const listening = await startListening(onRequest, {
    address: { host: '127.0.0.1', port: 0 },
    log: silentLog(),
  })
  return { ...listening, [Symbol.asyncDispose]: async () => void (await listening.stop(0)) }
}
