import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateFixture, startTlsServer } from '../../../test/fixtures/http-server.ts'
import { FileError } from '../../files/index.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { openWorkloads, type WorkloadsOptions } from './open-workloads.ts'
import { compilePermissions } from './permissions.ts'

const options: WorkloadsOptions = { permissions: compilePermissions({}), now: () => Date.UTC(2026, 4, 4, 12) }

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-issuers-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('openWorkloads()', () => {
  test('believes an issuer by the authorities of its own file only', async () => {
    const caFile = join(folder, 'ca.crt')
    await writeFile(caFile, certificateFixture('ca.crt'))
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)
    await using server = await startTlsServer((request, response) => {
      const configuration = { issuer: url, jwks_uri: `${url}/openid/v1/jwks` }
      response.end(
        JSON.stringify(request.url === '/openid/v1/jwks' ? { keys: [{ ...jwk, kid: 'a' }] } : configuration),
      )
    })
    const url = server.url.origin
    const token = await new SignJWT({ 'kubernetes.io': { namespace: 'ci' } })
      .setProtectedHeader({ alg: 'ES256', kid: 'a' })
      .setIssuer(url)
      .setAudience('lading')
      .setSubject('system:serviceaccount:ci:builder')
      .setExpirationTime(Date.UTC(2026, 4, 4, 13) / 1000)
      .sign(privateKey)

    const believed = await openWorkloads([{ url, audience: 'lading', caFile }], options)
    const unknown = await openWorkloads([{ url, audience: 'lading' }], options)
    try {
      expect(await believed.verify(token)).toMatchObject({
        subject: { kind: 'workload', issuer: url, name: 'system:serviceaccount:ci:builder' },
      })
      await expect(unknown.verify(token)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    } finally {
      await believed.close()
      await unknown.close()
    }
  })

  test.each([
    'http://issuer.example',
    'issuer.example',
    'ftp://issuer.example',
    'https://issuer.example?x=1',
    'https://issuer.example#x',
    'https://user@issuer.example',
    '',
  ])('refuses the issuer %j', async (url) => {
    await expect(openWorkloads([{ url, audience: 'x' }], options)).rejects.toThrow(AccessConfigurationError)
  })

  test('refuses an issuer without an audience, or twice, or with a file that is not there', async () => {
    const url = 'https://issuer.example'
    await expect(openWorkloads([{ url, audience: '' }], options)).rejects.toThrow(AccessConfigurationError)
    const twice = [url, url].map((one) => ({ url: one, audience: 'x' }))
    await expect(openWorkloads(twice, options)).rejects.toThrow(AccessConfigurationError)
    const caFile = join(folder, 'none')
    await expect(openWorkloads([{ url, audience: 'x', caFile }], options)).rejects.toThrow(FileError)
  })

  test('refuses a file of authorities without a certificate', async () => {
    const caFile = join(folder, 'users')
    await writeFile(caFile, 'ann:secret')
    await expect(
      openWorkloads([{ url: 'https://issuer.example', audience: 'x', caFile }], options),
    ).rejects.toThrow(/there is no PEM certificate in it/)
  })
})
