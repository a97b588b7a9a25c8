import type { RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../test/fixtures/http-server.ts'
import { createTransport } from './create-transport.ts'
import { HttpRefusedError } from './errors.ts'
import type { HttpResponse, Transport } from './types.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

async function serve(listener: RequestListener): Promise<TestServer> {
  return stack.use(await startServer(listener))
}

/**
 * What the names of the tests lead to. Nothing of 8.8.8.8 is ever called: where it stands the request is made on
 * behalf of that name, or refused.
 */
const addresses: Readonly<Record<string, readonly string[]>> = {
  'public.test': ['8.8.8.8'],
  'private.test': ['127.0.0.1'],
  'other-private.test': ['127.0.0.1'],
  'mixed.test': ['8.8.8.8', '127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
}

const lookup: LookupFunction = (name, options, callback) => {
  const found = addresses[name]?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  if (found === undefined) callback(Object.assign(new Error('not known'), { code: 'ENOTFOUND' }), '', 0)
  else if (options.all === true) callback(null, found)
  else callback(null, found[0]?.address ?? '', found[0]?.family ?? 4)
}

function openTransport(): Transport {
  const transport = createTransport({ tries: 1 }, { lookup })
  stack.defer(async () => transport.close())
  return transport
}

async function textOf(response: HttpResponse): Promise<string> {
  return Buffer.from(await response.bytes(1000)).toString()
}

describe('redirects', () => {
  test('are followed for GET, to another origin without credentials', async () => {
    const storage = await serve((request, response) => {
      response.end(
        `${request.url} ${request.headers.authorization ?? 'nobody'} ${request.headers.range ?? ''}`,
      )
    })
    const registry = await serve((_request, response) => {
      response.writeHead(307, { location: new URL('/blob?sig=1', storage.url).href }).end()
    })
    const headers = { Authorization: 'Bearer secret', range: 'bytes=1-2' }
    const response = await openTransport().request({ method: 'GET', url: registry.url, headers })
    expect(await textOf(response)).toBe('/blob?sig=1 nobody bytes=1-2')
    expect(response.url.href).toBe(new URL('/blob?sig=1', storage.url).href)
  })

  test('keep credentials at their own origin', async () => {
    const registry = await serve((request, response) => {
      if (request.url === '/b') response.end(request.headers.authorization)
      else response.writeHead(302, { location: '/b' }).end()
    })
    const headers = { authorization: 'Bearer secret' }
    const response = await openTransport().request({ method: 'GET', url: registry.url, headers })
    expect(await textOf(response)).toBe('Bearer secret')
  })

  test('are given as they are for other methods, or when asked to', async () => {
    const registry = await serve((request, response) => {
      request.resume()
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const transport = openTransport()
    const put = await transport.request({ method: 'PUT', url: registry.url, body: Buffer.from('x') })
    expect(put.status).toBe(307)
    expect(put.header('location')).toBe('/elsewhere')
    expect((await transport.request({ method: 'GET', url: registry.url, redirect: 'manual' })).status).toBe(
      307,
    )
  })

  test('carry the body along where a PUT is to follow them', async () => {
    const registry = await serve((request, response) => {
      if (request.url === '/b') request.pipe(response)
      else request.resume().on('end', () => response.writeHead(308, { location: '/b' }).end())
    })
    const body = Buffer.from('content')
    const response = await openTransport().request({
      method: 'PUT',
      url: registry.url,
      body,
      redirect: 'follow',
    })
    expect(await textOf(response)).toBe('content')
  })

  test('are followed ten times, not eleven', async () => {
    const registry = await serve((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    const transport = openTransport()
    const ten = await transport.request({ method: 'GET', url: new URL('/10', registry.url) })
    expect(await textOf(ten)).toBe('there')
    const eleven = transport.request({ method: 'GET', url: new URL('/11', registry.url) })
    await expect(eleven).rejects.toThrow(HttpRefusedError)
  })
})

describe('the guard of addresses', () => {
  test.each([
    ['a private address', '127.0.0.1'],
    ['an address in disguise', '0x7f.1'],
    ['a mapped address', '[::ffff:127.0.0.1]'],
    ['a name that leads to one', 'private.test'],
    ['a name that leads to a mapped one', 'mapped.test'],
    ['a name that leads to a public one as well', 'mixed.test'],
  ])('refuses %s to a public registry', async (_kind, host) => {
    let called = 0
    const inside = await serve((_request, response) => {
      called++
      response.end()
    })
    const request = openTransport().request({
      method: 'GET',
      url: new URL(`http://${host}:${inside.port}/token`),
      onBehalfOf: new URL('http://public.test/'),
    })
    await expect(request).rejects.toThrow(HttpRefusedError)
    expect(called).toBe(0)
  })

  test('names the host and what it leads to', async () => {
    const request = openTransport().request({
      method: 'GET',
      url: new URL('http://private.test/token'),
      onBehalfOf: new URL('http://public.test/'),
    })
    await expect(request).rejects.toThrow('Cannot connect to private.test (127.0.0.1)')
  })

  test.each([
    ['private.test', 'other-private.test'],
    ['private.test', '127.0.0.1'],
    ['127.0.0.1', 'private.test'],
  ])('lets %s send its clients to %s', async (owner, host) => {
    const inside = await serve((_request, response) => response.end('token'))
    const response = await openTransport().request({
      method: 'GET',
      url: new URL(`http://${host}:${inside.port}/`),
      onBehalfOf: new URL(`http://${owner}/`),
    })
    expect(await textOf(response)).toBe('token')
  })

  test('takes a registry that cannot be looked up for a public one', async () => {
    const request = openTransport().request({
      method: 'GET',
      url: new URL('http://127.0.0.1:1/'),
      onBehalfOf: new URL('http://unknown.test/'),
    })
    await expect(request).rejects.toThrow(HttpRefusedError)
  })

  test('judges a connection that another request has opened already', async () => {
    const inside = await serve((_request, response) => response.end('mine'))
    const transport = openTransport()
    const url = new URL(`http://private.test:${inside.port}/`)
    expect(await textOf(await transport.request({ method: 'GET', url }))).toBe('mine')
    const sent = transport.request({ method: 'GET', url, onBehalfOf: new URL('http://public.test/') })
    await expect(sent).rejects.toThrow(HttpRefusedError)
  })

  test('refuses the step from https to http, also to a private registry', async () => {
    const request = openTransport().request({
      method: 'GET',
      url: new URL('http://other-private.test/'),
      onBehalfOf: new URL('https://private.test/'),
    })
    await expect(request).rejects.toThrow('is spoken to by https, and that would not be')
  })
})
