import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServeProcess, startServe } from '../fixtures/serve-process.ts'
import { allChecks } from './all-checks.ts'
import { runCheck } from './protocol-check.ts'
import { type ProtocolClient, protocolClient } from './protocol-client.ts'

const tlsFolder = join(import.meta.dirname, '..', 'fixtures', 'tls')
const user = { name: 'captain', password: 'open sesame' }

/** Made by `perl -e 'print crypt("open sesame", "\$2y\$05\$abcdefghijklmnopqrstuu")'`. */
const passwordFile = `${user.name}:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`

describe('lading serve answers as the specification wants', () => {
  let server: ServeProcess
  let client: ProtocolClient

  beforeAll(async () => {
    server = await startServe()
    client = protocolClient(server)
  })

  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test.each(allChecks)('$name', async (each) => {
    await expect(runCheck(client, each)).resolves.toBeUndefined()
  })
})

describe('lading serve answers the same behind TLS and passwords', () => {
  let folder: string
  let server: ServeProcess
  let client: ProtocolClient

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lading-protocol-'))
    await writeFile(join(folder, 'users'), passwordFile)
    const tls = ['--tls-cert', join(tlsFolder, 'server.crt'), '--tls-key', join(tlsFolder, 'server.key')]
    server = await startServe({ args: [...tls, '--htpasswd', join(folder, 'users')] })
    const ca = readFileSync(join(tlsFolder, 'ca.crt'), 'utf8')
    client = protocolClient({ origin: server.origin, ca, user })
  })

  afterAll(async () => {
    client.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(allChecks)('$name', async (each) => {
    await expect(runCheck(client, each)).resolves.toBeUndefined()
  })

  test('and nothing to who shows no password', async () => {
    for (const path of ['/v2/', '/v2/_catalog', '/v2/team/app/tags/list', '/v2/team/app/manifests/latest']) {
      expect(await client.ask(path, { anonymous: true })).toMatchObject({ status: 401 })
    }
  })
})
