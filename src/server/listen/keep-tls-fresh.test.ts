import { generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { certificateFixture } from '../../../test/fixtures/http-server.ts'
import { createLog } from '../log/create-log.ts'
import { keepTlsFresh } from './keep-tls-fresh.ts'
import { type Listening, startListening } from './listening.ts'
import { readTlsPair } from './tls-pair.ts'

const fixtures = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'tls')

describe('a certificate whose files change', () => {
  let folder: string
  let lines: string[]
  let listening: Listening
  const file = (name: string): string => join(folder, name)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lading-test-'))
    await copyFile(join(fixtures, 'server.crt'), file('tls.crt'))
    await copyFile(join(fixtures, 'server.key'), file('tls.key'))
    lines = []
    listening = await startListening((_request, response) => response.end(), {
      address: { host: '127.0.0.1', port: 0 },
      tls: { certificateFile: file('tls.crt'), keyFile: file('tls.key') },
      log: createLog({ write: (line) => lines.push(line) }),
    })
  })

  afterEach(async () => {
    await listening.stop(0)
    await rm(folder, { recursive: true })
  })

  test('is shown to the connections that come after', async () => {
    expect((await certificateShown()).subject.CN).toBe(await commonName('server.crt'))
    await copyFile(join(fixtures, 'client.crt'), file('tls.crt'))
    await copyFile(join(fixtures, 'client.key'), file('tls.key'))
    expect(await listening.renewCertificate()).toBe(true)
    expect((await certificateShown()).subject.CN).toBe(await commonName('client.crt'))
  })

  test('stays as it was while the key is another one, which is logged once', async () => {
    await copyFile(join(fixtures, 'client.crt'), file('tls.crt'))
    expect(await listening.renewCertificate()).toBe(false)
    expect(await listening.renewCertificate()).toBe(false)
    expect((await certificateShown()).subject.CN).toBe(await commonName('server.crt'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/the key belongs to another certificate/)
  })

  test('stays as it was when a file is empty or gone', async () => {
    await writeFile(file('tls.crt'), '')
    expect(await listening.renewCertificate()).toBe(false)
    await rm(file('tls.key'))
    expect(await listening.renewCertificate()).toBe(false)
    expect((await certificateShown()).subject.CN).toBe(await commonName('server.crt'))
  })

  test('is warned of when it has ended', () => {
    const files = { certificateFile: file('tls.crt'), keyFile: file('tls.key') }
    const log = createLog({ write: (line) => lines.push(line) })
    const options = { files, log, everyMs: 60_000 }
    keepTlsFresh([], {
      ...options,
      pair: { certificate: '', key: '', validUntil: Date.now() + 60_000 },
    }).stop()
    expect(lines).toEqual([])
    keepTlsFresh([], { ...options, pair: { certificate: '', key: '', validUntil: 0 } }).stop()
    expect(lines).toEqual([expect.stringContaining('the certificate has ended')])
  })

  test('is refused with the reason where the key wants a passphrase', async () => {
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
    })
    await writeFile(file('tls.key'), privateKey)
    await expect(readTlsPair({ certificateFile: file('tls.crt'), keyFile: file('tls.key') })).rejects.toThrow(
      /the key wants a passphrase/,
    )
  })

  test('speaks nothing older than TLS 1.2', async () => {
    await expect(
      certificateShown({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' }),
    ).rejects.toThrow(/protocol version/)
  })

  async function certificateShown(
    versions: Pick<ConnectionOptions, 'maxVersion' | 'minVersion' | 'ciphers'> = {},
  ): Promise<PeerCertificate> {
    const socket = connect({
      host: '127.0.0.1',
      port: listening.port,
      rejectUnauthorized: false,
      ...versions,
    })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerCertificate()
    socket.destroy()
    return certificate
  }
})

async function commonName(name: 'server.crt' | 'client.crt'): Promise<string> {
  const { X509Certificate } = await import('node:crypto')
  return /CN=(.*)/.exec(new X509Certificate(certificateFixture(name)).subject)?.[1] ?? ''
}
