import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildImage } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const image = buildImage()
let registry: MemoryRegistry
let home: string

beforeEach(async () => {
  registry = await startMemoryRegistry({ auth: { kind: 'bearer', username: 'me', password: 'geheim' } })
  home = await mkdtemp(join(tmpdir(), 'lading-login-'))
})

afterEach(async () => {
  await registry.close()
  await rm(home, { recursive: true })
})

function login(password: string, ...words: string[]): ReturnType<typeof runCli> {
  return runCli(['login', '-u', 'me', '--password-stdin', ...words, registry.host], {
    environment: { HOME: home },
    stdin: `${password}\n`,
  })
}

describe('lading login', () => {
  test('checks, stores for nobody else to read, and never shows the password', async () => {
    const result = await login('geheim', '--debug')
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('stored in ~/.docker/config.json')
    expect(result.stdout + result.stderr).not.toContain('geheim')
    const file = join(home, '.docker', 'config.json')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      auths: { [registry.host]: { auth: Buffer.from('me:geheim').toString('base64') } },
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test('stores nothing when the registry refuses', async () => {
    const result = await login('falsch')
    expect(result.exitCode).toBe(3)
    expect(result.stderr).not.toContain('falsch')
    await expect(stat(join(home, '.docker', 'config.json'))).rejects.toThrow('ENOENT')
  })

  test('opens the registry to the other verbs until logout', async () => {
    const layout = join(home, 'layout')
    await writeLayout(layout, { v1: image })
    const environment = { HOME: home }
    const copy = ['copy', `oci:${layout}:v1`, `${registry.host}/app:1`]
    const before = await runCli(copy, { environment })
    expect(before.exitCode).toBe(3)
    expect(before.stderr).toContain(`lading login ${registry.host}`)

    await login('geheim')
    expect((await runCli(copy, { environment })).exitCode).toBe(0)

    expect((await runCli(['logout', registry.host], { environment })).exitCode).toBe(0)
    expect((await runCli(copy, { environment })).exitCode).toBe(3)
  })

  test.each([
    [['login', 'ghcr.io'], /no terminal to ask on/],
    [['login', 'python'], /neither a dot nor a port/],
    [['login', '-u', 'a:b', '--password-stdin', 'ghcr.io'], /no colon/],
    [['login', '-u', 'me', '-p', 'x', '--password-stdin', 'ghcr.io'], /exclude each other/],
    [['logout', 'python'], /neither a dot nor a port/],
  ])('refuses %j as wrong usage', async (words, message) => {
    const result = await runCli(words, { stdin: 'x' })
    expect(result.exitCode).toBe(2)
    expect(result.stderr).toMatch(message)
  })
})
