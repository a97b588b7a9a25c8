import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../test/fixtures/http-server.ts'
import { createTransport } from './create-transport.ts'
import type { HttpRequest, HttpWait, Transport, TransportOptions } from './types.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

async function serve(listener: RequestListener): Promise<TestServer> {
  return stack.use(await startServer(listener))
}

/** A transport that waits for nothing, and what it would have waited for. */
function openTransport(options: TransportOptions = {}): {
  readonly transport: Transport
  readonly waits: HttpWait[]
} {
  const waits: HttpWait[] = []
  const surroundings = { wait: () => Promise.resolve(), now: () => Date.UTC(2026, 0, 1), random: () => 0 }
  const transport = createTransport({ onWait: (wait) => waits.push(wait), ...options }, surroundings)
  stack.defer(async () => transport.close())
  return { transport, waits }
}

type Step = (request: IncomingMessage, response: ServerResponse) => void

/** Answers each request with the next step; the last one stays. */
function inSteps(...steps: readonly Step[]): {
  readonly listener: RequestListener
  readonly bodies: string[]
} {
  const bodies: string[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: unknown[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const step = steps[Math.min(bodies.length, steps.length - 1)]
      bodies.push(chunks.join(''))
      step?.(request, response)
    })
  }
  return { listener, bodies }
}

const status =
  (code: number, headers: Record<string, string> = {}): Step =>
  (_request, response) =>
    response.writeHead(code, headers).end('answer')
const reset: Step = (_request, response) => response.destroy()
const streamed = (text: string): NonNullable<HttpRequest['body']> => ({
  length: text.length,
  open: () => Promise.resolve(Readable.from([Buffer.from(text)])),
})

describe('retries', () => {
  test.each([408, 429, 500, 502, 503, 504, 522])('%i is tried again, with the same body', async (code) => {
    const { listener, bodies } = inSteps(status(code), status(201))
    const server = await serve(listener)
    const { transport, waits } = openTransport()
    const response = await transport.request({ method: 'PUT', url: server.url, body: streamed('blob') })
    expect(response.status).toBe(201)
    expect(bodies).toEqual(['blob', 'blob'])
    const reason = code === 429 ? 'rate-limited' : 'server-error'
    expect(waits).toEqual([{ host: server.url.host, seconds: 0.5, reason }])
  })

  test.each([200, 400, 401, 403, 404, 405, 416, 501])('%i is not', async (code) => {
    const { listener, bodies } = inSteps(status(code))
    const server = await serve(listener)
    const response = await openTransport().transport.request({ method: 'GET', url: server.url })
    expect(response.status).toBe(code)
    expect(bodies).toHaveLength(1)
  })

  test.each([
    ['POST', 503, undefined, 1],
    ['PATCH', 503, undefined, 1],
    ['POST', 503, true, 2],
    ['PUT', 503, false, 1],
    ['POST', 429, undefined, 2],
    ['PATCH', 429, false, 2],
    ['DELETE', 500, undefined, 2],
  ] as const)('%s answered %i, repeatable %s: sent %i times', async (method, code, repeatable, times) => {
    const { listener, bodies } = inSteps(status(code), status(200))
    const server = await serve(listener)
    const { transport } = openTransport()
    await transport.request({ method, url: server.url, ...(repeatable !== undefined && { repeatable }) })
    expect(bodies).toHaveLength(times)
  })

  test('give up after so many tries, with the last answer, unread', async () => {
    const { listener, bodies } = inSteps(status(503))
    const server = await serve(listener)
    const { transport, waits } = openTransport({ tries: 3 })
    const response = await transport.request({ method: 'GET', url: server.url })
    expect(response.status).toBe(503)
    expect(Buffer.from(await response.bytes(10)).toString()).toBe('answer')
    expect(bodies).toHaveLength(3)
    expect(waits.map(({ seconds }) => seconds)).toEqual([0.5, 1])
  })

  test.each([
    ['seconds', '12', 12],
    ['a date', 'Thu, 01 Jan 2026 00:00:20 GMT', 20],
  ])('wait as long as Retry-After says in %s', async (_kind, value, seconds) => {
    const server = await serve(inSteps(status(429, { 'retry-after': value }), status(200)).listener)
    const { transport, waits } = openTransport()
    expect((await transport.request({ method: 'GET', url: server.url })).status).toBe(200)
    expect(waits).toEqual([{ host: server.url.host, seconds, reason: 'rate-limited' }])
  })

  test('do not wait longer than they may: the answer is given instead', async () => {
    const { listener, bodies } = inSteps(status(429, { 'retry-after': '301' }))
    const server = await serve(listener)
    const { transport, waits } = openTransport()
    const response = await transport.request({ method: 'GET', url: server.url })
    expect(response.status).toBe(429)
    expect(response.header('retry-after')).toBe('301')
    expect(waits).toEqual([])
    expect(bodies).toHaveLength(1)
  })

  test('follow a connection that was reset', async () => {
    const { listener, bodies } = inSteps(reset, reset, status(200))
    const server = await serve(listener)
    const { transport, waits } = openTransport()
    const response = await transport.request({ method: 'PUT', url: server.url, body: streamed('blob') })
    expect(response.status).toBe(200)
    expect(bodies).toEqual(['blob', 'blob', 'blob'])
    expect(waits.map(({ reason }) => reason)).toEqual(['connection', 'connection'])
  })

  test('do not follow a reset of what may not be sent twice', async () => {
    const { listener, bodies } = inSteps(reset, status(200))
    const server = await serve(listener)
    const { transport } = openTransport()
    const request = transport.request({ method: 'PATCH', url: server.url, body: streamed('chunk') })
    await expect(request).rejects.toMatchObject({ code: 'HTTP_CONNECTION', reason: 'reset' })
    expect(bodies).toHaveLength(1)
  })

  test('do not follow a connection that is refused', async () => {
    const { transport, waits } = openTransport()
    const request = transport.request({ method: 'GET', url: new URL('http://127.0.0.1:1/') })
    await expect(request).rejects.toMatchObject({ reason: 'connect' })
    expect(waits).toEqual([])
  })

  test('end with the reason of an abort during the wait', async () => {
    const server = await serve(inSteps(status(429, { 'retry-after': '200' })).listener)
    const controller = new AbortController()
    const reason = new Error('enough')
    const transport = createTransport({ onWait: () => controller.abort(reason) })
    stack.defer(async () => transport.close())
    const request = transport.request({ method: 'GET', url: server.url, signal: controller.signal })
    await expect(request).rejects.toBe(reason)
  })

  test('hold no place while they wait', async () => {
    const { listener } = inSteps(status(503), status(200))
    const server = await serve(listener)
    const other = Promise.withResolvers<number>()
    const transport: Transport = createTransport(
      { requestsPerHost: 1 },
      {
        wait: async () => {
          other.resolve((await transport.request({ method: 'GET', url: server.url })).status)
        },
      },
    )
    stack.defer(async () => transport.close())
    const response = await transport.request({ method: 'GET', url: server.url })
    expect(await other.promise).toBe(200)
    expect(response.status).toBe(200)
  })
})
