import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { CredentialsError, createCredentialsFinder, eraseCredentials, storeCredentials } from './index.ts'
import { getFromHelper } from './credential-helper.ts'

/** A home directory of its own for each test, with a folder of programs on PATH. */
interface Home {
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

let home: Home

beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lading-credentials-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  home = {
    directory,
    environment: {
      HOME: directory,
      XDG_RUNTIME_DIR: join(directory, 'run'),
      PATH: [join(directory, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    },
  }
})

async function write(path: string, content: unknown): Promise<void> {
  const whole = join(home.directory, path)
  await mkdir(dirname(whole), { recursive: true })
  await writeFile(whole, typeof content === 'string' ? content : JSON.stringify(content))
}

/** A credential helper, as the shell program that its body is; `$1` is the action and `$log` a file. */
async function helper(name: string, body: string): Promise<string> {
  const log = join(home.directory, `${name}.log`)
  await write(`bin/docker-credential-${name}`, `#!/bin/sh\nlog=${log}\nread -r input\n${body}\n`)
  await chmod(join(home.directory, 'bin', `docker-credential-${name}`), 0o755)
  return log
}

function find(
  host: string,
  repository?: string,
  environment: Readonly<Record<string, string>> = home.environment,
) {
  return createCredentialsFinder({ environment })(host, repository, {})
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const dockerFile = '.docker/config.json'
const podmanFile = 'run/containers/auth.json'

const auths = (user: string) => ({ auths: { 'ghcr.io': { auth: base64(`${user}:p`) } } })

describe('finding credentials', () => {
  test('gives none where there are no files', async () => {
    expect(await find('ghcr.io')).toBeUndefined()
  })

  test('reads docker’s configuration', async () => {
    await write(dockerFile, {
      auths: {
        'ghcr.io': { auth: base64('me:pass:word') },
        'quay.io': { auth: base64('me:'), identitytoken: 'id' },
        'gcr.io': { registrytoken: 'token' },
        'https://old.example/v2/': { username: 'me', password: 'p' },
        'empty.example': {},
      },
    })
    expect(await find('ghcr.io')).toMatchObject({
      username: 'me',
      password: 'pass:word',
      source: '~/.docker/config.json',
    })
    expect(await find('quay.io')).toMatchObject({ identityToken: 'id' })
    expect(await find('gcr.io')).toMatchObject({ registryToken: 'token' })
    expect(await find('old.example')).toMatchObject({ password: 'p' })
    expect(await find('empty.example')).toBeUndefined()
    expect(await find('io')).toBeUndefined()
  })

  test.each(['https://index.docker.io/v1/', 'docker.io', 'index.docker.io'])(
    'finds Docker Hub under %s',
    async (key) => {
      await write(dockerFile, { auths: { [key]: { auth: base64('me:p') } } })
      expect(await find('docker.io', 'library/python')).toMatchObject({ username: 'me' })
    },
  )

  test('prefers the longest namespace', async () => {
    await write(podmanFile, {
      auths: {
        'quay.io': { auth: base64('all:p') },
        'quay.io/me': { auth: base64('mine:p') },
        'quay.io/me/app': { auth: base64('app:p') },
      },
    })
    expect(await find('quay.io', 'me/app')).toMatchObject({ username: 'app' })
    expect(await find('quay.io', 'me/other')).toMatchObject({ username: 'mine' })
    expect(await find('quay.io', 'men/x')).toMatchObject({ username: 'all' })
    expect(await find('quay.io')).toMatchObject({ username: 'all' })
  })

  test('goes through the places in order', async () => {
    await write(podmanFile, auths('podman'))
    expect(await find('ghcr.io')).toMatchObject({ username: 'podman' })
    await write(dockerFile, auths('docker'))
    expect(await find('ghcr.io')).toMatchObject({ username: 'docker' })
    await write('elsewhere/config.json', auths('docker-config'))
    const dockerConfig = { ...home.environment, DOCKER_CONFIG: join(home.directory, 'elsewhere') }
    expect(await find('ghcr.io', undefined, dockerConfig)).toMatchObject({ username: 'docker-config' })
    await write('auth.json', auths('named'))
    const named = { ...dockerConfig, REGISTRY_AUTH_FILE: join(home.directory, 'auth.json') }
    expect(await find('ghcr.io', undefined, named)).toMatchObject({
      username: 'named',
      source: '~/auth.json',
    })
    const inEnvironment = { ...named, DOCKER_AUTH_CONFIG: JSON.stringify(auths('environment')) }
    expect(await find('ghcr.io', undefined, inEnvironment)).toMatchObject({ username: 'environment' })
    const given = { 'ghcr.io': { username: 'given', password: 'p' } }
    const finder = createCredentialsFinder({ environment: inEnvironment, given })
    expect(await finder('ghcr.io', undefined, {})).toMatchObject({ username: 'given' })
  })

  test.each([
    ['{"auths": secret', /it is not JSON/],
    ['{"auths": {"ghcr.io": {"auth": 7}}}', /auths\.ghcr\.io\.auth is not what it must be/],
    [
      JSON.stringify({ auths: { 'ghcr.io': { auth: base64('secret') } } }),
      /"auth" of ghcr\.io is not user:password/,
    ],
    ['[]', /not/],
  ])('refuses a file that is broken, without showing it: %s', async (text, problem) => {
    await write(dockerFile, text)
    const error = await find('ghcr.io').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(CredentialsError)
    expect(String(error)).toMatch(problem)
    expect(String(error)).not.toContain('secret')
  })
})

const answer = (username: string, secret: string): string =>
  `echo "$1 $input" >> $log\necho '${JSON.stringify({ ServerURL: 'x', Username: username, Secret: secret })}'`

describe('a credential helper', () => {
  test('is asked once, however many ask for its registry', async () => {
    const log = await helper('slow', answer('me', 's3cret'))
    await write(dockerFile, { credHelpers: { 'gcr.io': 'slow' } })
    const finder = createCredentialsFinder({ environment: home.environment })
    const found = await Promise.all(
      ['a', 'b', undefined].map((repository) => finder('gcr.io', repository, {})),
    )
    expect(found).toEqual(
      Array.from({ length: 3 }, () => ({
        username: 'me',
        password: 's3cret',
        source: 'docker-credential-slow',
      })),
    )
    expect(await readFile(log, 'utf8')).toBe('get gcr.io\n')
  })

  test('for all registries comes after the entries, and knows Docker Hub by its old name', async () => {
    const log = await helper('all', answer('me', 's'))
    await write(dockerFile, {
      credsStore: 'all',
      auths: { 'ghcr.io': { auth: base64('entry:p') }, 'quay.io': {} },
    })
    expect(await find('ghcr.io')).toMatchObject({ username: 'entry' })
    expect(await find('docker.io')).toMatchObject({ username: 'me' })
    expect(await readFile(log, 'utf8')).toBe('get https://index.docker.io/v1/\n')
  })

  test('that answers <token> gives an identity token', async () => {
    await helper('acr', answer('<token>', 'id'))
    expect(await getFromHelper('acr', 'x', home)).toEqual({ identityToken: 'id' })
  })

  test('that has none says so in its own words', async () => {
    await helper('empty', "echo 'credentials not found in native keychain'; exit 1")
    expect(await getFromHelper('empty', 'x', home)).toBeUndefined()
  })

  test.each([
    ['fails', 'echo s3cret; echo s3cret >&2; exit 2', /its "get" failed/],
    ['answers something else', 'echo s3cret', /its answer is not credentials/],
    [
      'answers without end',
      'while :; do echo s3cretttttttttttttttttttttttttttttttttttttttttt; done',
      /its "get" failed/,
    ],
  ])('that %s is an error that shows nothing of it', async (_, body, problem) => {
    await helper('bad', body)
    const error = await getFromHelper('bad', 'x', home).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(CredentialsError)
    expect(String(error)).toMatch(problem)
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret')
  })

  test('that takes too long is ended', async () => {
    await helper('stuck', 'exec sleep 60')
    await expect(getFromHelper('stuck', 'x', { ...home, timeLimit: 50 })).rejects.toThrow(/failed/)
  })

  test('that is not installed is named', async () => {
    await expect(getFromHelper('absent', 'x', home)).rejects.toThrow(
      /docker-credential-absent: there is no such program/,
    )
  })

  test.each(['../evil', '/bin/sh', 'a b', '', '-x', 'a;b'])(
    'must have a name that leads nowhere else: %j',
    async (name) => {
      await expect(getFromHelper(name, 'x', home)).rejects.toThrow(/that is no name of a helper/)
    },
  )

  test('ends with the signal', async () => {
    await helper('stuck', 'exec sleep 60')
    const controller = new AbortController()
    const asked = getFromHelper('stuck', 'x', { ...home, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })
})

describe('storing credentials', () => {
  const me = { username: 'me', password: 's3cret' }

  test('makes docker’s file, for its owner alone, and finds them again', async () => {
    const stored = await storeCredentials('ghcr.io', me, home)
    expect(stored).toEqual({ place: '~/.docker/config.json', plainText: true })
    const path = join(home.directory, dockerFile)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toBe(
      `{\n\t"auths": {\n\t\t"ghcr.io": {\n\t\t\t"auth": "${base64('me:s3cret')}"\n\t\t}\n\t}\n}\n`,
    )
    expect(await find('ghcr.io')).toMatchObject(me)
  })

  test('keeps what else is in the file, and its indentation', async () => {
    await write(
      dockerFile,
      '{\n  "HttpHeaders": {"X": "y"},\n  "auths": {"docker.io": {"auth": "b2xkOm9sZA=="}, "quay.io": {"auth": "eDp5", "email": "z"}},\n  "psFormat": "t"\n}',
    )
    await storeCredentials('docker.io', me, home)
    const text = await readFile(join(home.directory, dockerFile), 'utf8')
    expect(text.startsWith('{\n  "HttpHeaders": {\n    "X"')).toBe(true)
    expect(JSON.parse(text)).toEqual({
      HttpHeaders: { X: 'y' },
      auths: {
        'quay.io': { auth: 'eDp5', email: 'z' },
        'https://index.docker.io/v1/': { auth: base64('me:s3cret') },
      },
      psFormat: 't',
    })
  })

  test('goes to the helper where there is one', async () => {
    const log = await helper('keep', 'echo "$1 $input" >> $log')
    await write(dockerFile, { credsStore: 'keep' })
    expect(await storeCredentials('ghcr.io', me, home)).toEqual({
      place: 'docker-credential-keep',
      plainText: false,
    })
    expect(await readFile(log, 'utf8')).toBe(
      'store {"ServerURL":"ghcr.io","Username":"me","Secret":"s3cret"}\n',
    )
    const text = await readFile(join(home.directory, dockerFile), 'utf8')
    expect(JSON.parse(text)).toEqual({ credsStore: 'keep', auths: { 'ghcr.io': {} } })
  })

  test('goes to the file that REGISTRY_AUTH_FILE names', async () => {
    const environment = { ...home.environment, REGISTRY_AUTH_FILE: join(home.directory, 'auth.json') }
    expect(await storeCredentials('ghcr.io', me, { environment })).toMatchObject({ place: '~/auth.json' })
    expect(await find('ghcr.io', undefined, environment)).toMatchObject(me)
  })

  test('leaves a file alone that it cannot read', async () => {
    await write(dockerFile, '{"auths": []}')
    await expect(storeCredentials('ghcr.io', me, home)).rejects.toThrow(CredentialsError)
    expect(await readFile(join(home.directory, dockerFile), 'utf8')).toBe('{"auths": []}')
  })

  test('loses none of many at once', async () => {
    const hosts = Array.from({ length: 8 }, (_, number) => `r${number}.example`)
    await Promise.all(hosts.map((host) => storeCredentials(host, me, home)))
    for (const host of hosts) expect(await find(host)).toMatchObject(me)
  })
})

describe('erasing credentials', () => {
  test('forgets them in every place', async () => {
    const log = await helper('keep', 'echo "$1 $input" >> $log')
    await write(dockerFile, {
      credHelpers: { 'ghcr.io': 'keep' },
      auths: { 'ghcr.io': {}, 'quay.io': { auth: base64('a:b') } },
    })
    await write(podmanFile, { auths: { 'ghcr.io': { auth: base64('a:b') } } })
    expect(await eraseCredentials('ghcr.io', home)).toEqual([
      'docker-credential-keep',
      '~/run/containers/auth.json',
    ])
    expect(await readFile(log, 'utf8')).toBe('erase ghcr.io\n')
    expect(JSON.parse(await readFile(join(home.directory, dockerFile), 'utf8'))).toMatchObject({
      auths: { 'quay.io': {} },
    })
    expect(await find('quay.io')).toMatchObject({ username: 'a' })
  })

  test('says when there was nothing to forget', async () => {
    await write(dockerFile, { auths: { 'quay.io': { auth: base64('a:b') } } })
    expect(await eraseCredentials('ghcr.io', home)).toEqual([])
  })
})
