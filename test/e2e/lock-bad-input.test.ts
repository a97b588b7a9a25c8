import { watch } from 'node:fs'
import { createServer, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { firstImage, type LockedProject, openLockedProject, secondImage } from '../fixtures/locked-project.ts'
import { startLading } from './lading-process.ts'

const { digest } = firstImage.descriptor
let project: LockedProject
let name: string

beforeEach(async () => {
  project = await openLockedProject()
  name = await project.publish('app', { 1: firstImage, 2: secondImage })
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
})

describe('sources that cannot be read', () => {
  test.each([
    [
      'a heredoc that is not closed',
      { Dockerfile: 'FROM scratch\nRUN <<EOF\necho\n' },
      'error: Cannot read Dockerfile:2:5: the heredoc <<EOF is not closed\n  try: Put a line behind its text that holds EOF and nothing else.\n',
    ],
    [
      'YAML that does not parse',
      { 'compose.yaml': 'services:\n  a:\n    image: "redis:8\n' },
      'error: Cannot read compose.yaml:4:1: it is not valid YAML: missing closing "quote\n  try: Close the quotes.\n',
    ],
    [
      'YAML with tabs',
      { 'compose.yaml': 'services:\n\ta:\n\t\timage: redis:8\n' },
      'error: Cannot read compose.yaml:2:1: it is not valid YAML: tabs are not allowed as indentation\n  try: YAML is indented with blanks: put blanks in place of the tab.\n',
    ],
  ])('%s: nothing is written by any verb', async (_, files, problem) => {
    await project.write({ 'good/Dockerfile': `FROM ${name}:1\n` })
    await project.run('lock')
    const lock = await project.read('lading.lock')
    await project.write({ ...files, 'good/Dockerfile': `FROM ${name}:2\n` })
    for (const verb of ['lock', 'update', 'pin']) {
      const { exitCode, stderr } = await project.run(verb)
      expect({ verb, exitCode }).toEqual({ verb, exitCode: 3 })
      expect(stderr).toContain(problem)
    }
    expect((await project.run('check')).stderr).toBe(problem)
    expect(await project.read('lading.lock')).toBe(lock)
    expect(await project.read('good/Dockerfile')).toBe(`FROM ${name}:2\n`)
  })
})

describe('sources that say less than they seem to', () => {
  test('an image behind an anchor or a merge is locked, and written once, at the anchor', async () => {
    const compose = `x-base: &base\n  image: ${name}:1\nservices:\n  a:\n    <<: *base\n  b: *base\n  c:\n    image: &i ${name}:2\n  d:\n    image: *i\n`
    await project.write({ 'compose.yaml': compose })
    expect((await project.run('lock')).stdout).toContain('2 images in 1 file')
    expect((await project.run('pin')).exitCode).toBe(0)
    expect(await project.read('compose.yaml')).toBe(
      compose
        .replace(`${name}:1`, `${name}:1@${digest}`)
        .replace(`${name}:2`, `${name}:2@${secondImage.descriptor.digest}`),
    )
    expect((await project.run('check')).exitCode).toBe(0)
  })

  test.each([
    [
      'a name that is none',
      'FROM registry.example/UPPER:1\n',
      '1:6',
      'Did you mean registry.example/upper:1?',
    ],
    ['a tag that is none', 'FROM redis:bad~tag\n', '1:6', 'a tag must not hold "~"'],
    ['an ARG without a value', 'FROM redis:${NOPE}\n', '1:6', 'ARG NOPE=VALUE gives it a value'],
  ])('%s is listed with its place and what to do, and not guessed', async (_, text, place, wayOut) => {
    await project.write({ Dockerfile: `${text}FROM ${name}:1\n` })
    for (const verb of ['lock', 'check']) {
      const line = (await project.run(verb)).stdout
        .split('\n')
        .find((one) => one.includes(`Dockerfile:${place}:`))
      expect(line).toContain(wayOut)
    }
    expect(await project.read('lading.lock')).not.toMatch(/redis|registry\.example/)
  })

  test('one tag with two digests is two images, and check says so at both places', async () => {
    await project.write({
      Dockerfile: `FROM ${name}:1@${digest}\nFROM ${name}:1@${secondImage.descriptor.digest}\n`,
    })
    expect((await project.run('lock')).stdout).toContain('2 images in 1 file')
    const { stdout } = await project.run('check')
    expect(stdout).toMatch(/^Dockerfile:1:6: warning: .* is named in two ways: /m)
    expect(stdout).toMatch(/^Dockerfile:2:6: warning: .* is named in two ways: /m)
    expect(stdout).toContain('try: lading unpin, then lading lock and lading pin')
  })
})

describe('registries that do not give what is asked for', () => {
  test('a tag that is no more: where it is named, and how to see what there is', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\nFROM ${name}:9 AS a\nFROM ${name}:9 AS b\n` })
    const { exitCode, stderr } = await project.run('lock')
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^error: Cannot fetch .*:9: .*; named in Dockerfile:2:6 and 1 other place$/m)
    expect(stderr).toContain(`try: Correct Dockerfile:2:6; what tags there are: lading tags ${name}\n`)
    await expect(project.read('lading.lock')).rejects.toThrow('ENOENT')
  })

  test('a registry that goes down in the middle: nothing is written, and what was learnt is not asked again', async () => {
    await using gateway = await startGateway(project.registry.port)
    await project.write({ Dockerfile: `FROM ${gateway.host}/app:1\n` })
    expect((await project.run('lock')).exitCode).toBe(0)
    const lock = await project.read('lading.lock')

    await project.publish('other', { 1: firstImage })
    await project.write({
      Dockerfile: `FROM ${gateway.host}/app:1\nFROM ${gateway.host}/app:2\nFROM ${gateway.host}/other:1\n`,
    })
    gateway.isDown = (path) => path.includes('/other/')
    const { exitCode, stderr } = await project.run('lock')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('; named in Dockerfile:3:6\n  try: ')
    expect(await project.read('lading.lock')).toBe(lock)

    gateway.isDown = () => false
    project.registry.requests.splice(0)
    expect((await project.run('lock')).exitCode).toBe(0)
    const read = project.registry.requests.filter(
      ({ method, path }) => method === 'GET' && path.startsWith('/v2/app/manifests/'),
    )
    expect(read).toEqual([])
  })

  test('an index that lost a platform is said when it is updated', async () => {
    await project.publish('lossy', { 1: firstImage })
    await project.write({ Dockerfile: `FROM ${project.registry.host}/lossy:1\n` })
    await project.run('lock')
    const [only] = firstImage.images
    if (only === undefined) throw new Error('the index has no image')
    await project.publish('lossy', { 1: only })
    expect((await project.run('update', '--dry-run')).stdout).toMatch(
      /(?:lost|without|no longer).*linux\/arm64|linux\/arm64.*(?:lost|gone)/,
    )
  })
})

describe('a lock that was edited by hand', () => {
  test('a digest of another image: the sources do not show it, the registry does', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    const text = await project.read('lading.lock')
    await project.write({
      'lading.lock': text.replace(`digest: ${digest}`, `digest: sha256:${'0'.repeat(64)}`),
    })
    const { exitCode, stdout } = await project.run('check', '--online')
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^lading\.lock:\d+:\d+: error: /m)
  })

  test('what is no lock is refused by every verb, with its line, and left as it is', async () => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    const damaged = (await project.read('lading.lock')).replace('size:', 'colour: red\n    size:')
    await project.write({ 'lading.lock': damaged })
    for (const verb of ['lock', 'check', 'update', 'pin']) {
      const { exitCode, stderr } = await project.run(verb)
      expect({ verb, exitCode }).toEqual({ verb, exitCode: 3 })
      expect(stderr).toMatch(
        /^error: Cannot read lading\.lock:\d+:\d+: .*colour: there is no such key[^]*\n {2}try: /m,
      )
    }
    expect(await project.read('lading.lock')).toBe(damaged)
  })
})

describe('killed', () => {
  const folders = Array.from({ length: 12 }, (_, number) => `part${number}`)

  test.each([1, 5, 14, 20])(
    'pin, after %i changes in its folders: each file is old or new',
    async (times) => {
      const before = `FROM ${name}:1\n`
      const after = `FROM ${name}:1@${digest}\n`
      await project.write(Object.fromEntries(folders.map((folder) => [`${folder}/Dockerfile`, before])))
      await project.run('lock')
      const lock = await project.read('lading.lock')
      await killed(['pin'], times)
      for (const folder of folders)
        expect([before, after]).toContain(await project.read(`${folder}/Dockerfile`))
      expect(await project.read('lading.lock')).toBe(lock)
      expect((await project.run('pin')).exitCode).toBe(0)
      for (const folder of folders) expect(await project.read(`${folder}/Dockerfile`)).toBe(after)
      expect((await project.run('check')).exitCode).toBe(0)
    },
  )

  test.each([1, 2])('lock, after %i changes in its folder: old or new', async (times) => {
    await project.write({ Dockerfile: `FROM ${name}:1\n` })
    await project.run('lock')
    const before = await project.read('lading.lock')
    await project.write({ Dockerfile: `FROM ${name}:1\nFROM ${name}:2\n` })
    await killed(['lock'], times)
    const between = await project.read('lading.lock')
    await project.run('lock')
    expect([before, withoutTimes(await project.read('lading.lock'))]).toContain(
      between === before ? between : withoutTimes(between),
    )
    expect((await project.run('check')).exitCode).toBe(0)
  })
})

/** Starts `lading` in the project and kills it as soon as it changed so many entries of its folders. */
async function killed(words: readonly string[], times: number): Promise<void> {
  const stop = new AbortController()
  const lading = startLading([...words, '--project', project.folder])
  let seen = 0
  watch(project.folder, { recursive: true, signal: stop.signal }, () => {
    seen += 1
    if (seen === times) lading.process.kill('SIGKILL')
  })
  try {
    await lading.exit
    expect(seen).toBeGreaterThan(0)
  } finally {
    stop.abort()
  }
}

function withoutTimes(text: string): string {
  return text.replace(/resolvedAt: .*/g, '')
}

interface Gateway extends AsyncDisposable {
  readonly host: string
  /** Which requests fail. */
  isDown: (path: string) => boolean
}

/** Stands before a registry, and fails where that is asked for. */
async function startGateway(port: number): Promise<Gateway> {
  const server = createServer((from, to) => {
    if (gateway.isDown(from.url ?? '')) {
      to.writeHead(500).end()
      return
    }
    const { headers, method, url: path } = from
    from.pipe(
      request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
        to.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(to)
      }),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the gateway has no port')
  const gateway: Gateway = {
    host: `127.0.0.1:${address.port}`,
    isDown: () => false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return gateway
}
