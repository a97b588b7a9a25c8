import type { RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { certificateFixture, startServer, startTlsServer } from '../../test/fixtures/http-server.ts'
import { createTransport } from './create-transport.ts'
import type { HostTransport, HttpResponse, Transport } from './types.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

const ca = [certificateFixture('ca.crt')]
const certificate = { cert: certificateFixture('client.crt'), key: certificateFixture('client.key') }
const answer: RequestListener = (request, response) => {
  request.resume().on('end', () => response.end('secret'))
}

/** Every name leads to this machine. */
const lookup: LookupFunction = (_name, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}

function openTransport(host: HostTransport = {}, asked: string[] = []): Transport {
  const transport = createTransport(
    {
      tries: 1,
      host: (name) => {
        asked.push(name)
        return Promise.resolve(host)
      },
    },
    { lookup },
  )
  stack.defer(async () => transport.close())
  return transport
}

async function get(transport: Transport, url: URL): Promise<HttpResponse> {
  return transport.request({ method: 'GET', url })
}

describe('https', () => {
  test('takes a certificate of an authority that was named for the host, and asks for it once', async () => {
    const server = stack.use(await startTlsServer(answer))
    const asked: string[] = []
    const transport = openTransport({ ca }, asked)
    for (const path of ['/a', '/b']) {
      const response = await get(transport, new URL(path, server.url))
      expect(Buffer.from(await response.bytes(10)).toString()).toBe('secret')
    }
    expect(asked).toEqual([server.url.host])
    expect(server.connections()).toBe(1)
  })

  test('takes it by name as well', async () => {
    const server = stack.use(await startTlsServer(answer))
    const response = await get(openTransport({ ca }), new URL(`https://registry.test:${server.port}/`))
    expect(response.status).toBe(200)
  })

  test('refuses a certificate of an unknown authority, and says where to name it', async () => {
    const server = stack.use(await startTlsServer(answer))
    const { host } = server.url
    await expect(get(openTransport(), server.url)).rejects.toMatchObject({
      reason: 'tls',
      message: `Cannot reach ${host}: its certificate is not trusted (self-signed certificate in certificate chain)`,
      hint: `If you trust it, put its CA certificate into /etc/docker/certs.d/${host}/ca.crt.`,
    })
  })

  test('refuses a certificate for another name', async () => {
    const server = stack.use(await startTlsServer(answer))
    const request = get(openTransport({ ca }), new URL(`https://other.test:${server.port}/`))
    await expect(request).rejects.toMatchObject({
      reason: 'tls',
      message: `Cannot reach other.test:${server.port}: its certificate is for another name`,
    })
  })

  test('takes any certificate where verification is switched off', async () => {
    const server = stack.use(await startTlsServer(answer))
    const response = await get(openTransport({ skipTlsVerify: true }), server.url)
    expect(response.status).toBe(200)
  })

  test('shows the client certificate of the host to a server that wants one', async () => {
    const server = stack.use(await startTlsServer(answer, { clientCertificate: true }))
    expect((await get(openTransport({ ca, certificate }), server.url)).status).toBe(200)
  })

  test('fails where a client certificate is wanted and there is none', async () => {
    const server = stack.use(await startTlsServer(answer, { clientCertificate: true }))
    await expect(get(openTransport({ ca }), server.url)).rejects.toMatchObject({
      reason: 'tls',
      hint: `If it wants a client certificate, put client.cert and client.key into /etc/docker/certs.d/${server.url.host}/.`,
    })
  })

  test('tells a server that speaks plain http from one whose TLS fails', async () => {
    const server = stack.use(await startServer(answer))
    const request = get(openTransport(), new URL(`https://127.0.0.1:${server.port}/`))
    await expect(request).rejects.toMatchObject({
      reason: 'not-tls',
      message: `Cannot reach 127.0.0.1:${server.port}: it speaks plain http, not https`,
    })
  })
})
