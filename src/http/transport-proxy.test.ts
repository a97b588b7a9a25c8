import type { RequestListener } from 'node:http'
import { connect, type LookupFunction } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  certificateFixture,
  startServer,
  startTlsServer,
  type TestServer,
} from '../../test/fixtures/http-server.ts'
import { createTransport } from './create-transport.ts'
import type { HttpResponse, Transport } from './types.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

interface Proxy extends TestServer {
  /** What was asked of it: `CONNECT host:port` or `GET http://…`, and by whom. */
  readonly asked: string[]
}

/** A proxy for which every host is this machine. */
async function startProxy(refusal?: number): Promise<Proxy> {
  const asked: string[] = []
  const proxy = await startServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`)
    if (refusal !== undefined) response.writeHead(refusal)
    response.end(`forwarded for ${request.headers.host}`)
  })
  const tunnels = new Set<() => void>()
  proxy.server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`)
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const target = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('error', () => target.destroy())
    tunnels.add(() => {
      target.destroy()
      socket.destroy()
    })
  })
  stack.defer(async () => {
    for (const end of tunnels) end()
    await proxy[Symbol.asyncDispose]()
  })
  return { ...proxy, asked }
}

const lookup: LookupFunction = (name, _options, callback) =>
  callback(Object.assign(new Error(`${name} was looked up`), { code: 'ENOTFOUND' }), '', 0)

function openTransport(environment: Record<string, string>): Transport {
  const trusted = { ca: [certificateFixture('ca.crt')] }
  const transport = createTransport(
    { environment, host: () => Promise.resolve(trusted), tries: 1 },
    { lookup },
  )
  stack.defer(async () => transport.close())
  return transport
}

async function textOf(response: HttpResponse): Promise<string> {
  return Buffer.from(await response.bytes(1000)).toString()
}

const answer: RequestListener = (_request, response) => response.end('through the tunnel')

async function refusedBy(status: number): Promise<HttpResponse> {
  const proxy = await startProxy(status)
  const transport = openTransport({ HTTPS_PROXY: `http://me:secret@127.0.0.1:${proxy.port}` })
  return transport.request({ method: 'GET', url: new URL('https://registry.test/') })
}

describe('proxies', () => {
  test('are asked for a tunnel to an https host, whose name is theirs to look up', async () => {
    const target = stack.use(await startTlsServer(answer))
    const proxy = await startProxy()
    const transport = openTransport({ HTTPS_PROXY: `http://me:p%40ss@127.0.0.1:${proxy.port}` })
    const url = new URL(`https://registry.test:${target.port}/v2/`)
    expect(await textOf(await transport.request({ method: 'GET', url }))).toBe('through the tunnel')
    expect(await textOf(await transport.request({ method: 'GET', url }))).toBe('through the tunnel')
    const credentials = Buffer.from('me:p@ss').toString('base64')
    expect(proxy.asked).toEqual([`CONNECT registry.test:${target.port} Basic ${credentials}`])
  })

  test('get the whole URL of an http host', async () => {
    const proxy = await startProxy()
    const transport = openTransport({ HTTP_PROXY: `http://me:pass@127.0.0.1:${proxy.port}` })
    const url = new URL('http://registry.test:5000/v2/?n=1')
    expect(await textOf(await transport.request({ method: 'GET', url }))).toBe(
      'forwarded for registry.test:5000',
    )
    const credentials = Buffer.from('me:pass').toString('base64')
    expect(proxy.asked).toEqual([`GET http://registry.test:5000/v2/?n=1 Basic ${credentials}`])
  })

  test('are not asked for loopback addresses and what NO_PROXY names', async () => {
    const target = stack.use(await startServer(answer))
    const proxy = await startProxy()
    const transport = openTransport({ HTTP_PROXY: proxy.url.href, NO_PROXY: 'registry.test' })
    expect(await textOf(await transport.request({ method: 'GET', url: target.url }))).toBe(
      'through the tunnel',
    )
    const direct = transport.request({ method: 'GET', url: new URL('http://registry.test/') })
    await expect(direct).rejects.toMatchObject({ reason: 'dns' })
    expect(proxy.asked).toEqual([])
  })

  test('that want credentials are told apart from those that refuse', async () => {
    const wanting = await refusedBy(407).catch((error: unknown) => error)
    expect(wanting).toMatchObject({ reason: 'proxy' })
    expect(String(wanting)).toContain('it wants other credentials')
    expect(String(wanting)).not.toContain('secret')
    await expect(refusedBy(403)).rejects.toThrow('it answers 403')
  })

  test('that are not there are named', async () => {
    const transport = openTransport({ HTTPS_PROXY: 'http://127.0.0.1:1' })
    const request = transport.request({ method: 'GET', url: new URL('https://registry.test/') })
    await expect(request).rejects.toMatchObject({ reason: 'proxy' })
    await expect(
      transport.request({ method: 'GET', url: new URL('https://registry.test/') }),
    ).rejects.toThrow('Cannot reach registry.test:443 through the proxy 127.0.0.1:1')
  })

  test('still need the certificate of the host to be right', async () => {
    const target = stack.use(await startTlsServer(answer))
    const proxy = await startProxy()
    const transport = openTransport({ HTTPS_PROXY: proxy.url.href })
    const request = transport.request({ method: 'GET', url: new URL(`https://other.test:${target.port}/`) })
    await expect(request).rejects.toMatchObject({ reason: 'tls' })
  })

  test('do not open the way to a private address that a public registry names', async () => {
    const proxy = await startProxy()
    const transport = openTransport({ HTTPS_PROXY: proxy.url.href })
    const request = transport.request({
      method: 'GET',
      url: new URL('https://10.0.0.1/'),
      onBehalfOf: new URL('https://registry.test/'),
    })
    await expect(request).rejects.toMatchObject({ code: 'HTTP_REFUSED' })
    expect(proxy.asked).toEqual([])
  })
})
