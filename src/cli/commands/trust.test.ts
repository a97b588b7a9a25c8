import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../../../test/fixtures/run-cli.ts'
import {
  exampleIdentity,
  exampleIssuer,
  sigstoreInstance,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { TufRepository } from '../../../test/fixtures/sigstore/tuf-repository.ts'
import { keySigner } from '../../signing/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-trust-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function run(words: readonly string[], environment: Record<string, string> = {}): Promise<CliResult> {
  return runCli(words, {
    environment: {
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      ...environment,
    },
  })
}

test('show names the public instance as it is built in', async () => {
  const { stdout, exitCode } = await run(['trust', 'show', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    roots: [
      {
        name: 'sigstore public-good',
        origin: 'built-in',
        refreshed: null,
        mirror: 'https://tuf-repo-cdn.sigstore.dev',
        logs: [
          {
            url: 'https://rekor.sigstore.dev',
            id: 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
            from: '2021-01-12T11:53:27.000Z',
          },
          {},
        ],
      },
    ],
  })
})

describe('an instance that was given once', () => {
  const sigstore = sigstoreInstance({ organization: 'GitHub, Inc.', logs: false })
  const bytes = Buffer.from('what was signed')
  const verify = ['verify-blob', '--identity', exampleIdentity, '--issuer', exampleIssuer]

  async function given(): Promise<{ repository: TufRepository; root: string; file: string; bundle: string }> {
    const repository = new TufRepository()
    repository.publish({
      targets: { 'trusted_root.json': Buffer.from(JSON.stringify(sigstore.trustedRoot)) },
    })
    const root = join(folder, 'root.json')
    const file = join(folder, 'file')
    const bundle = join(folder, 'bundle.json')
    await writeFile(root, repository.root)
    await writeFile(file, bytes)
    await writeFile(bundle, JSON.stringify(sigstore.sign({ content: { bytes } })))
    return { repository, root, file, bundle }
  }

  test('is believed by verify from then on, without a network', async () => {
    const { repository, root, file, bundle } = await given()
    expect((await run([...verify, '--bundle', bundle, file])).exitCode).toBe(1)
    const server = await repository.serve()
    const updated = await run(['trust', 'update', '--mirror', server.url, '--root', root, '--json'])
    await server[Symbol.asyncDispose]()
    expect(updated).toMatchObject({ exitCode: 0 })
    const name = new URL(server.url).host
    expect(JSON.parse(updated.stdout)).toMatchObject({ roots: [{}, { name, origin: 'refreshed' }] })
    const { exitCode, stdout } = await run([...verify, '--bundle', bundle, '--json', file])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ satisfied: { trustRoot: name } })
  })

  test('can be refreshed without giving its root again, and is not believed once the cache is deleted', async () => {
    const { repository, root, file, bundle } = await given()
    await using server = await repository.serve()
    await run(['trust', 'update', '--mirror', server.url, '--root', root])
    await rm(join(folder, 'cache'), { recursive: true })
    expect((await run([...verify, '--bundle', bundle, file])).exitCode).toBe(1)
    expect((await run(['trust', 'update', '--mirror', server.url])).exitCode).toBe(0)
    expect((await run([...verify, '--bundle', bundle, file])).exitCode).toBe(0)
  })

  test('is not remembered when its root does not prove what it publishes', async () => {
    const { repository } = await given()
    const other = join(folder, 'other.json')
    await writeFile(other, new TufRepository().root)
    await using server = await repository.serve()
    const refused = await run(['trust', 'update', '--mirror', server.url, '--root', other])
    expect(refused.exitCode).toBe(3)
    expect(refused.stderr).toContain('is not signed')
    const again = await run(['trust', 'update', '--mirror', server.url])
    expect(again.exitCode).toBe(2)
    expect(again.stderr).toContain('--root FILE')
  })

  test('stops verification where its kept root was changed', async () => {
    const { repository, root, file, bundle } = await given()
    await using server = await repository.serve()
    await run(['trust', 'update', '--mirror', server.url, '--root', root])
    const name = encodeURIComponent(new URL(server.url).host)
    const path = join(folder, 'cache', 'lading', 'tuf', `${name}.json`)
    const kept = await readFile(path, 'utf8')
    await writeFile(path, kept.replaceAll(/("targets\/[^"]+":)"[^"]+"/g, '$1"e30="'))
    expect(await readFile(path, 'utf8')).not.toBe(kept)
    const { exitCode, stderr } = await run([...verify, '--bundle', bundle, file])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('lading trust update')
  })
})

test.each([
  ['--root', 'x'],
  ['--github', '--mirror', 'https://tuf.example'],
  ['--mirror', 'http://tuf.example', '--root', 'x'],
  ['--mirror', 'https://me:secret@tuf.example', '--root', 'x'],
  ['--github'],
])('update %s %s is wrong usage', async (...flags) => {
  const { exitCode, stderr } = await run(['trust', 'update', ...flags])
  expect(exitCode).toBe(2)
  expect(stderr).not.toContain('secret')
})

describe('generate-key', () => {
  const password = { LADING_KEY_PASSWORD: 'hunter2' }

  test('writes a pair that the password opens, the private one for its owner alone', async () => {
    const prefix = join(folder, 'release')
    const made = await run(['trust', 'generate-key', '--output-key-prefix', prefix], password)
    expect(made).toMatchObject({ exitCode: 0 })
    expect((await stat(`${prefix}.key`)).mode & 0o777).toBe(0o600)
    const pem = await readFile(`${prefix}.key`, 'utf8')
    expect(pem).toContain('BEGIN ENCRYPTED SIGSTORE PRIVATE KEY')
    expect(await readFile(`${prefix}.pub`, 'utf8')).toContain('BEGIN PUBLIC KEY')
    const opened = keySigner({ pem, name: prefix, password: () => Promise.resolve('hunter2') })
    await expect(opened).resolves.toBeDefined()
  })

  test.each(['key', 'pub'])('replaces no .%s that is there, and leaves nothing half done', async (ending) => {
    const prefix = join(folder, 'release')
    await writeFile(`${prefix}.${ending}`, 'mine')
    const refused = await run(['trust', 'generate-key', '--output-key-prefix', prefix], password)
    expect(refused.exitCode).toBe(2)
    expect(await readFile(`${prefix}.${ending}`, 'utf8')).toBe('mine')
    const other = ending === 'key' ? 'pub' : 'key'
    await expect(stat(`${prefix}.${other}`)).rejects.toThrow('ENOENT')
  })

  test('asks for a password where there is no terminal to type it on', async () => {
    const refused = await run(['trust', 'generate-key', '--output-key-prefix', join(folder, 'x')])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('LADING_KEY_PASSWORD')
  })
})
