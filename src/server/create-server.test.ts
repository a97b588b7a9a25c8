import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rawExchange } from '../../test/fixtures/raw-exchange.ts'
import { createRegistryServer } from './create-server.ts'
import { createLog } from './log/create-log.ts'
import type { RegistryServer } from './registry-server.ts'
import type { ServerOptions } from './server-options.ts'

describe('a registry server', () => {
  let folder: string
  let lines: string[]
  const servers: RegistryServer[] = []

  /** For tests that change nothing. */
  let shared: RegistryServer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lading-test-'))
    shared = await createRegistryServer({
      dataDirectory: join(folder, 'shared'),
      listen: { host: '127.0.0.1', port: 0 },
    })
  })

  afterAll(async () => {
    await shared.close({ withinMs: 0 })
    await rm(folder, { recursive: true })
  })

  beforeEach(() => {
    lines = []
  })

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close({ withinMs: 0 })))
  })

  async function start(options: Partial<ServerOptions> = {}): Promise<RegistryServer> {
    const server = await createRegistryServer({
      dataDirectory: await mkdtemp(join(folder, 'data-')),
      listen: { host: '127.0.0.1', port: 0 },
      log: createLog({ write: (line) => lines.push(line) }),
      ...options,
    })
    servers.push(server)
    return server
  }

  test('says who can reach it, and that it is open', async () => {
    expect(shared).toMatchObject({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
      reach: 'machine',
      isOpen: true,
      running: 0,
    })
  })

  test.each([
    ['a site of its own', 'http://evil.example', 403],
    ['no site', 'null', 403],
    ['another port of the machine', 'http://127.0.0.1:1', 403],
    ['the registry itself', undefined, 202],
  ])('lets a page of %s change what the registry holds: %s, %d', async (_name, origin, status) => {
    const answer = await fetch(`${shared.url}/v2/app/blobs/uploads/`, {
      method: 'POST',
      headers: { Origin: origin ?? shared.url },
    })
    expect(answer.status).toBe(status)
  })

  test.each([
    ['rebound.evil.example:5000', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost:5000', 200],
    ['LOCALHOST', 200],
    ['registry.localhost', 200],
    ['host.docker.internal:5000', 200],
    ['registry', 200],
    ['127.0.0.1:9', 200],
    ['[::1]:5000', 200],
  ])('answers %s with %d where everybody on this machine may do everything', async (host, status) => {
    expect(await statusFor(shared, host)).toBe(status)
  })

  test('answers any name where it has users, and the one that it was given', async () => {
    const htpasswdFile = join(folder, 'users-of-names')
    await writeFile(htpasswdFile, `ann:${await hash('secret', 4)}\n`)
    expect(await statusFor(await start({ access: { htpasswdFile } }), 'registry.example')).toBe(401)
    const named = await start({ externalUrl: 'http://registry.example:5000' })
    expect(await statusFor(named, 'Registry.Example:5000')).toBe(200)
    expect(await statusFor(named, 'evil.example:5000')).toBe(403)
    expect(await statusFor(await start({ behindTlsProxy: true }), 'registry.example')).toBe(200)
  })

  test.each([
    ['/v2/', 200, /application\/json/],
    ['/v2', 200, /application\/json/],
    ['/healthz', 200, /text\/plain/],
    ['/readyz', 200, /text\/plain/],
    ['/metrics', 200, /text\/plain/],
    ['/', 200, /text\/plain/],
    ['/?x=1', 200, /text\/plain/],
    ['/v2x', 404, /application\/json/],
    ['/V2/', 404, /application\/json/],
    ['//v2/', 404, /application\/json/],
    ['/healthz/', 404, /application\/json/],
    ['/favicon.ico', 404, /application\/json/],
  ])('answers %s with %d', async (path, status, type) => {
    const answer = await fetch(shared.url + path)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(type)
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]+-[\da-z]+$/)
  })

  test('shows how to begin, to browsers as a page that runs nothing', async () => {
    const server = shared
    const answer = await fetch(server.url, { headers: { Accept: 'text/html,*/*' } })
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    const page = await answer.text()
    expect(page).toContain(`docker push ${server.host}/alpine`)
    expect(page).not.toContain('<script')
  })

  test('takes no host that is none into its page', async () => {
    const server = shared
    const answer = await rawExchange(
      portOf(server),
      'GET / HTTP/1.1\r\nHost: "><b>x\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 [24]00 /)
    expect(answer).not.toContain('<b>')
  })

  test('reads a target in absolute form as its path', async () => {
    const server = shared
    const answer = await rawExchange(
      portOf(server),
      'GET http://elsewhere/v2/a/tags/list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toContain('NAME_UNKNOWN')
  })

  test.each([
    ['GET /v2/ HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'no Host'],
    ['GET /v2/ HTTP/1.1\r\nHost: a\r\nExpect: more\r\nConnection: close\r\n\r\n', 417, '100-continue'],
    ['DELETE /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405, 'only to be read'],
  ])('refuses %j with %d in the shape of the specification', async (written, status, message) => {
    const server = shared
    const [head = '', body = ''] = (await rawExchange(portOf(server), written)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(body)).toMatchObject({ errors: [{ code: 'UNSUPPORTED' }] })
    expect(body).toContain(message)
  })

  test('tells a client to go on that asked before it sent a body', async () => {
    const server = shared
    const answer = await rawExchange(
      portOf(server),
      'PUT /v2/a/manifests/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /)
  })

  test('bounds the requests of a client', async () => {
    const server = await start({ limits: { requestsPerMinute: 2 } })
    const statuses = []
    for (let count = 0; count < 3; count += 1) statuses.push((await fetch(`${server.url}/v2/`)).status)
    expect(statuses).toEqual([200, 200, 429])
  })

  test('counts requests by route, and names no repository', async () => {
    const server = await start()
    await fetch(`${server.url}/v2/secret-project/tags/list`)
    await fetch(`${server.url}/v2/`, { method: 'FROBNICATE' }).catch(() => undefined)
    const samples = parsePrometheus(await (await fetch(`${server.url}/metrics`)).text())
    expect(samples.get('lading_http_requests_total{route="tags",method="GET",status="404"}')).toBe(1)
    expect(samples.get('lading_http_request_duration_seconds_count{route="tags"}')).toBe(1)
    expect(samples.get('lading_http_sent_bytes_total{route="tags"}')).toBeGreaterThan(0)
    expect(samples.get('lading_http_connections')).toBeGreaterThan(0)
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0)
    expect([...samples.keys()].filter((name) => name.includes('secret-project'))).toEqual([])
  })

  test('counts uploads that have begun and not ended', async () => {
    const server = await start()
    const begin = async (): Promise<string> => {
      const begun = await fetch(`${server.url}/v2/a/blobs/uploads/`, { method: 'POST' })
      return new URL(begun.headers.get('location') ?? '', server.url).href
    }
    await begin()
    const cancelled = await begin()
    const finished = await begin()
    await fetch(cancelled, { method: 'DELETE' })
    const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect((await fetch(`${finished}?digest=${empty}`, { method: 'PUT' })).status).toBe(201)
    const samples = parsePrometheus(await (await fetch(`${server.url}/metrics`)).text())
    expect(samples.get('lading_uploads')).toBe(1)
    expect(
      samples.get(
        'lading_store_operation_duration_seconds_count{store="blobs",operation="commit",outcome="ok"}',
      ),
    ).toBe(1)
  })

  test('logs one line a request, without its query', async () => {
    const server = await start()
    const answer = await fetch(`${server.url}/v2/team/app/tags/list?n=1&token=hunter2`)
    await answer.text()
    await server.close()
    const requests = lines.map(readLine).filter(({ msg }) => msg === 'request')
    expect(requests).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
        id: answer.headers.get('x-request-id'),
        method: 'GET',
        path: '/v2/team/app/tags/list',
        route: 'tags',
        repository: 'team/app',
        status: 404,
        received: expect.any(Number) as unknown,
        sent: expect.any(Number) as unknown,
        ms: expect.any(Number) as unknown,
        client: '127.0.0.1',
        msg: 'request',
      },
    ])
    expect(lines.join('')).not.toContain('hunter2')
  })

  test('keeps the id that a trusted proxy brings, and no other', async () => {
    const headers = { 'X-Request-Id': 'from-outside' }
    const alone = await start()
    expect((await fetch(`${alone.url}/v2/`, { headers })).headers.get('x-request-id')).not.toBe(
      'from-outside',
    )
    const proxied = await start({ behindTlsProxy: true })
    expect((await fetch(`${proxied.url}/v2/`, { headers })).headers.get('x-request-id')).toBe('from-outside')
  })

  test('refuses a port that is taken, and lets go of the data', async () => {
    const { url } = await start()
    const port = Number(new URL(url).port)
    const dataDirectory = join(folder, 'other')
    await expect(start({ listen: { host: '127.0.0.1', port }, dataDirectory })).rejects.toMatchObject({
      code: 'LISTEN_TAKEN',
    })
    await start({ dataDirectory })
  })

  test('refuses to listen beyond this machine before it touches the data', async () => {
    const dataDirectory = join(folder, 'untouched')
    await expect(start({ listen: { host: '0.0.0.0', port: 0 }, dataDirectory })).rejects.toMatchObject({
      code: 'LISTEN_EXPOSED',
    })
    await expect(rm(dataDirectory)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is reached from elsewhere where that was said', async () => {
    const server = await start({ listen: { host: '0.0.0.0', port: 0 }, insecure: true })
    expect(server.reach).toBe('network')
    expect(lines.map(readLine)).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: expect.stringMatching(/^everybody who can reach/) as unknown,
      }),
    )
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  describe('with users', () => {
    const password = 'correct-horse-battery'
    async function startWithUsers(): Promise<RegistryServer> {
      const htpasswdFile = join(folder, 'users')
      await writeFile(htpasswdFile, `ann:${await hash(password, 4)}\n`)
      return start({ access: { htpasswdFile } })
    }

    test('asks who it is, and gives a token', async () => {
      const server = await startWithUsers()
      expect(server.isOpen).toBe(false)
      const asked = await fetch(`${server.url}/v2/`)
      expect(asked.status).toBe(401)
      expect(asked.headers.get('www-authenticate')).toContain(`Bearer realm="${server.url}/token"`)
      const answer = await fetch(`${server.url}/token?service=${server.host}&scope=repository:a:pull`, {
        headers: basic(password),
      })
      const { token } = tokenAnswer(await answer.json())
      const taken = await fetch(`${server.url}/v2/a/tags/list`, {
        headers: { Authorization: `Bearer ${token}` },
      })
      expect(taken.status).toBe(404)
    })

    test('shows metrics to users alone, and health to everybody', async () => {
      const server = await startWithUsers()
      expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
      expect((await fetch(`${server.url}/metrics`, { headers: basic('wrong') })).status).toBe(401)
      const { token } = tokenAnswer(await (await fetch(`${server.url}/token`)).json())
      const nameless = { Authorization: `Bearer ${token}` }
      expect((await fetch(`${server.url}/metrics`, { headers: nameless })).status).toBe(401)
      expect((await fetch(`${server.url}/metrics`, { headers: basic(password) })).status).toBe(200)
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    })

    test('logs who it was, and never a password or a token (CWE-532)', async () => {
      const server = await startWithUsers()
      const answer = await fetch(`${server.url}/token?scope=repository:a:pull&account=ann`, {
        headers: basic(password),
      })
      const { token } = tokenAnswer(await answer.json())
      await fetch(`${server.url}/v2/a/tags/list?t=${token}`, {
        headers: { Authorization: `Bearer ${token}` },
      })
      await fetch(`${server.url}/v2/`, { headers: basic('wrong-battery') })
      await fetch(`${server.url}/v2/`, { headers: { Authorization: `Bearer ${token}x` } })
      await server.close()
      const written = lines.join('')
      expect(lines.map(readLine).filter(({ user }) => user === 'ann').length).toBeGreaterThanOrEqual(2)
      expect(lines.map(readLine)).toContainEqual(
        expect.objectContaining({ level: 'warn', msg: 'wrong credentials', client: '127.0.0.1' }),
      )
      for (const secret of [password, token, 'wrong-battery', basic(password).Authorization.slice(6)]) {
        expect(written).not.toContain(secret)
      }
      for (const part of token.split('.')) expect(written).not.toContain(part)
    })
  })
})

function readLine(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line)
  if (typeof value !== 'object' || value === null) throw new Error(`not a record: ${line}`)
  return { ...value }
}

function tokenAnswer(value: unknown): { readonly token: string } {
  if (typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string')
    return { token: value.token }
  throw new Error('no token was given')
}

function portOf({ url }: RegistryServer): number {
  return Number(new URL(url).port)
}

function basic(password: string): { readonly Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`ann:${password}`).toString('base64')}` }
}

/**
 * Samples by name and labels. Throws at a line that is none. prom-client writes `Nan`, which Prometheus reads as well.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
function parsePrometheus(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) [a-z_0-9]+ /.test(line)) continue
    const match =
      /^(?<name>[a-z_0-9]+(?:\{[a-zA-Z_]+="[^"\\\n]*"(?:,[a-zA-Z_]+="[^"\\\n]*")*\})?) (?<value>[\d.e+-]+|NaN|Nan|[+-]Inf)$/.exec(
        line,
      )
    const { name, value } = match?.groups ?? {}
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`)
    samples.set(name, Number(value))
  }
  return samples
}

async function statusFor({ url }: RegistryServer, host: string): Promise<number> {
  const request = `GET /v2/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  return Number(/^HTTP\/1.1 (\d+)/.exec(await rawExchange(Number(new URL(url).port), request))?.[1])
}
