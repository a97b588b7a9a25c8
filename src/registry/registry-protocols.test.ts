import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { certificateFixture, startServer, startTlsServer } from '../../test/fixtures/http-server.ts'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UnavailableError } from '../content/index.ts'
import { digestOf } from '../oci/index.ts'
import type { RegistryClientOptions } from './options.ts'
import type { Transport } from '../http/index.ts'
import { createRegistryClient } from './registry-client.ts'
import { probeTls } from './tls-probe.ts'

const blob = { mediaType: 'x/y', digest: digestOf(Buffer.from('x')), size: 1 }

function exists(host: string, options: RegistryClientOptions = {}): Promise<boolean> {
  const client = createRegistryClient(options)
  onTestFinished(() => client.close())
  return client.repository({ domain: host, path: 'me/app' }).exists(blob)
}

describe('probeTls()', () => {
  test('tells a TLS server from a plain one', async () => {
    await using plain = await startServer((_, response) => response.end())
    await using secure = await startTlsServer((_, response) => response.end())
    expect(await probeTls('127.0.0.1', plain.port, 5000)).toBe('plain')
    expect(await probeTls('127.0.0.1', secure.port, 5000)).toBe('tls')
  })

  test('knows nothing of a server that is silent or not there', async () => {
    const silent = createServer((socket) => socket.resume())
    const { promise: listening, resolve: listens } = Promise.withResolvers<void>()
    silent.listen(0, '127.0.0.1', listens)
    await listening
    const address = silent.address()
    const port = address === null || typeof address === 'string' ? 0 : address.port
    expect(await probeTls('127.0.0.1', port, 20)).toBe('unknown')
    const { promise: closed, resolve: closes } = Promise.withResolvers<void>()
    silent.close(() => closes())
    await closed
    expect(await probeTls('127.0.0.1', port, 5000)).toBe('unknown')
  })

  test('ends with the signal', async () => {
    await expect(probeTls('127.0.0.1', 1, 5000, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    )
  })
})

describe('a registry of this machine', () => {
  test('is spoken to by https where it can', async () => {
    await using server = await startTlsServer((_, response) => response.end())
    const ca = { 'ca.crt': certificateFixture('ca.crt') }
    expect(await exists(`127.0.0.1:${server.port}`, await withCertificates(server.port, ca))).toBe(true)
  })

  test('by https is not trusted without its authority', async () => {
    await using server = await startTlsServer((_, response) => response.end())
    await expect(exists(`127.0.0.1:${server.port}`)).rejects.toThrow(UnavailableError)
  })

  test('is given the client’s certificate that it demands', async () => {
    await using server = await startTlsServer((_, response) => response.end(), { clientCertificate: true })
    const files = {
      'ca.crt': certificateFixture('ca.crt'),
      'client.cert': certificateFixture('client.crt'),
      'client.key': certificateFixture('client.key'),
    }
    expect(await exists(`127.0.0.1:${server.port}`, await withCertificates(server.port, files))).toBe(true)
  })

  test.each([
    ['registry.example', false, 'https:'],
    ['registry.example', true, 'http:'],
    // Only text that leads to this machine and nowhere else counts.
    ['127.0.0.1.example', false, 'https:'],
    ['localhost.example:5000', false, 'https:'],
    ['10.0.0.1:5000', false, 'https:'],
  ])(
    'is none by the name %s: with plain http configured: %s it is spoken to by %s',
    async (domain, plainHttp, protocol) => {
      const asked: string[] = []
      const transport: Transport = {
        request: ({ url }) => {
          asked.push(url.protocol)
          return Promise.reject(new Error('no network'))
        },
        close: () => Promise.resolve(),
      }
      const client = createRegistryClient({ transport, hosts: { [domain]: { plainHttp } } })
      await expect(client.repository({ domain, path: 'me/app' }).exists(blob)).rejects.toThrow('no network')
      expect(asked).toEqual([protocol])
    },
  )

  test('is asked how it speaks once, also by many at once', async () => {
    await using server = await startServer((_, response) => response.end())
    const client = createRegistryClient()
    const repository = client.repository({ domain: `127.0.0.1:${server.port}`, path: 'me/app' })
    await Promise.all([repository.exists(blob), repository.exists(blob)])
    await repository.exists(blob)
    await client.close()
    expect(server.connections()).toBeLessThanOrEqual(3)
  })
})

/** Lays certificates down as for docker. */
async function withCertificates(
  port: number,
  files: Readonly<Record<string, string>>,
): Promise<RegistryClientOptions> {
  const directory = await mkdtemp(join(tmpdir(), 'lading-certs-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const own = join(directory, `127.0.0.1:${port}`)
  await mkdir(own)
  for (const [name, text] of Object.entries(files)) await writeFile(join(own, name), text)
  return { certificateDirectories: [directory] }
}
