import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTransport } from '../../src/http/index.ts'
import { keySigner, witnessesOf } from '../../src/signing/index.ts'
import { startAnsweringServer } from '../fixtures/answering-server.ts'
import { because, lacks, peer } from './peer.ts'
import { mustRun } from './run-program.ts'
import { withFolder } from './with-folder.ts'

const bytes = Buffer.from('what is signed')
const pass = ['-pass', 'pass:correct']

const keys: readonly (readonly [name: string, hash: string | undefined, make: readonly string[]])[] = [
  ['ECDSA P-256 in PKCS#8', 'sha256', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ECDSA P-384 in PKCS#8', 'sha384', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['ECDSA P-256 in SEC1, its curve in front', 'sha256', ['ecparam', '-name', 'prime256v1', '-genkey']],
  ['RSA in PKCS#1', 'sha256', ['genrsa', '-traditional', '2048']],
  ['RSA, encrypted', 'sha256', ['genpkey', '-algorithm', 'RSA', '-aes-256-cbc', ...pass]],
  ['Ed25519, encrypted', undefined, ['genpkey', '-algorithm', 'ED25519', '-aes-256-cbc', ...pass]],
]

test.skipIf(lacks('openssl')).each(keys)(
  `a key that openssl made (%s) signs what openssl verifies${because('openssl')}`,
  (_, hash, make) =>
    withFolder(async (folder) => {
      const pem = await mustRun(peer('openssl'), make)
      const signer = await keySigner({ pem, name: 'key.pem', password: () => 'correct' })
      const { signature, material } = await signer.sign(bytes)
      if (material.kind !== 'key') throw new Error('a key is a key')
      const [publicKey, signed, data] = ['key.pub', 'signature', 'data'].map((name) => join(folder, name))
      await Promise.all([
        writeFile(String(publicKey), material.publicKeyPem),
        writeFile(String(signed), signature),
        writeFile(String(data), bytes),
      ])
      const how =
        hash === undefined
          ? [
              'pkeyutl',
              '-verify',
              '-rawin',
              '-pubin',
              '-inkey',
              String(publicKey),
              '-sigfile',
              String(signed),
              '-in',
            ]
          : ['dgst', `-${hash}`, '-verify', String(publicKey), '-signature', String(signed)]
      expect(await mustRun(peer('openssl'), [...how, String(data)])).toMatch(
        /Verified OK|Verified Successfully/,
      )
    }),
)

test.skipIf(lacks('openssl'))(`a timestamp is had from openssl's authority${because('openssl')}`, () =>
  withFolder(async (directory) => {
    const openssl = (...args: readonly string[]): Promise<string> =>
      mustRun(peer('openssl'), args, { directory })
    await writeFile(join(directory, 'serial'), '01')
    await writeFile(
      join(directory, 'authority.cnf'),
      [
        '[tsa]\ndefault_tsa = one\n[one]\nserial = serial\ndefault_policy = 1.2.3.4.1\nsigner_digest = sha256',
        'digests = sha256\ness_cert_id_alg = sha256\n[certificate]\nextendedKeyUsage = critical,timeStamping\n',
      ].join('\n'),
    )
    await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem')
    const subject = ['-subj', '/CN=time', '-extensions', 'certificate', '-config', 'authority.cnf']
    await openssl('req', '-x509', '-new', '-key', 'key.pem', '-days', '2', '-out', 'crt.pem', ...subject)
    await using server = await startAnsweringServer(async ({ body }) => {
      await writeFile(join(directory, 'query'), body)
      const from = [
        '-config',
        'authority.cnf',
        '-queryfile',
        'query',
        '-signer',
        'crt.pem',
        '-inkey',
        'key.pem',
      ]
      await openssl('ts', '-reply', ...from, '-out', 'reply')
      return { body: await readFile(join(directory, 'reply')) }
    })
    const transport = createTransport({ tries: 1 })
    const timestampAuthorities = [new URL('/tsr', server.url)]
    const [authority] = witnessesOf({ logs: [], timestampAuthorities }, transport).timestampAuthorities
    const reply = await authority?.timestamp(bytes)
    await transport.close()
    await writeFile(join(directory, 'data'), bytes)
    await writeFile(join(directory, 'reply'), reply ?? '')
    const verified = await openssl('ts', '-verify', '-data', 'data', '-in', 'reply', '-CAfile', 'crt.pem')
    expect(verified).toContain('Verification: OK')
  }),
)
