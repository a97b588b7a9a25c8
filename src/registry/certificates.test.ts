import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { CertificateFileError, readCertificates } from './certificates.ts'
import { hostTransports } from './host-transport.ts'

const certificate = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n'
const key = '-----BEGIN EC PRIVATE KEY-----\nx\n-----END EC PRIVATE KEY-----\n'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-certs-'))
  onTestFinished(() => rm(directory, { recursive: true }))
})

async function lay(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true })
    await writeFile(join(directory, path), text)
  }
}

const read = (hosts: readonly string[], caFiles: readonly string[] = []) =>
  readCertificates(hosts, { directories: [join(directory, 'a'), join(directory, 'b')], caFiles })

describe('readCertificates()', () => {
  test('gives nothing where there is nothing', async () => {
    expect(await read(['registry.example'])).toEqual({})
  })

  test('reads authorities and the client’s certificate of a host with its port', async () => {
    await lay({
      'a/registry.example:5000/ca.crt': certificate,
      'a/registry.example:5000/other.crt': `${certificate}#2`,
      'a/registry.example:5000/client.cert': `${certificate}#3`,
      'a/registry.example:5000/client.key': key,
      'a/registry.example/ca.crt': 'of another port',
    })
    expect(await read(['registry.example:5000'])).toEqual({
      ca: [certificate, `${certificate}#2`],
      certificate: { cert: `${certificate}#3`, key },
    })
  })

  test('takes the first directory that has the host', async () => {
    await lay({ 'a/x/ca.crt': `${certificate}a`, 'b/x/ca.crt': `${certificate}b` })
    expect(await read(['x'])).toEqual({ ca: [`${certificate}a`] })
  })

  test('adds the files of the configuration', async () => {
    await lay({ 'own.pem': certificate })
    expect(await read(['x'], [join(directory, 'own.pem')])).toEqual({ ca: [certificate] })
  })

  test.each([
    [{ 'a/x/client.cert': certificate }, /client\.cert: the key that belongs to it is missing/],
    [{ 'a/x/client.key': key }, /client\.key: the client certificate that belongs to it is missing/],
    [{ 'a/x/ca.crt': 'DER' }, /ca\.crt: there is no certificate in PEM form/],
    [
      { 'a/x/client.cert': certificate, 'a/x/client.key': certificate },
      /client\.key: there is no private key/,
    ],
  ])('names the file that is wrong: %o', async (files, problem) => {
    await lay(files)
    await expect(read(['x'])).rejects.toThrow(problem)
  })

  test('gives nothing where a file has the host’s name', async () => {
    await lay({ 'a/x': 'a file' })
    expect(await read(['x'])).toEqual({})
  })

  test('refuses a configured file that is not there', async () => {
    await expect(read(['x'], [join(directory, 'absent.pem')])).rejects.toThrow(CertificateFileError)
  })
})

describe('hostTransports()', () => {
  test('gives Docker Hub’s settings and certificates to the host that serves it', async () => {
    await lay({ 'docker.io/ca.crt': certificate })
    const transport = hostTransports({
      certificateDirectories: [directory],
      hosts: { 'docker.io': { skipTlsVerify: true } },
    })
    expect(await transport('registry-1.docker.io')).toEqual({ ca: [certificate], skipTlsVerify: true })
    expect(await transport('registry.example')).toEqual({})
  })
})
