import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { hash } from 'bcryptjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/index.ts'
import { buildImage } from '../fixtures/build-image.ts'
import { pushToRegistry } from '../fixtures/push-to-registry.ts'
import { runCli } from '../fixtures/run-cli.ts'
import { type ServeProcess, startServe } from '../fixtures/serve-process.ts'
import { startLading } from './lading-process.ts'

const certificates = join(import.meta.dirname, '..', 'fixtures', 'tls')

describe('lading serve', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lading-test-'))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  test('takes an image and gives it back byte for byte', async () => {
    await using served = await startServe()
    const image = buildImage()
    await pushToRegistry(served.host, { 'team/app:1.0': image })
    const copied = await runCli(['copy', `${served.host}/team/app:1.0`, `oci:${folder}/images:1.0`])
    expect(copied.exitCode).toBe(0)
    const { algorithm, hex } = blobPath(image.descriptor.digest)
    const manifest = await readFile(join(folder, 'images', 'blobs', algorithm, hex))
    expect(manifest.equals(image.bytes)).toBe(true)
  })

  test('keeps what it has from one start to the next', async () => {
    const data = join(folder, 'data')
    await using first = await startServe({ data })
    await pushToRegistry(first.host, { 'team/app:1.0': buildImage() })
    await stopped(first, 'SIGTERM')
    await using second = await startServe({ data })
    const tags = await runCli(['tags', `${second.host}/team/app`])
    expect(tags).toMatchObject({ stdout: '1.0\n', exitCode: 0 })
  })

  test('fsck finds nothing damaged beside a server that runs, whatever it keeps besides images', async () => {
    const data = join(folder, 'data')
    const users = join(folder, 'users')
    await writeFile(users, `ann:${await hash('secret', 4)}\n`)
    await using served = await startServe({ data, args: ['--htpasswd', users] })
    const authorization = `Basic ${Buffer.from('ann:secret').toString('base64')}`
    const token = await fetch(`${served.origin}/token?scope=repository:a:push`, {
      headers: { authorization },
    })
    expect(token.status).toBe(200)
    expect((await fetch(`${served.origin}/readyz`)).status).toBe(200)
    await fetch(`${served.origin}/v2/a/blobs/uploads/`, { method: 'POST', headers: { authorization } })
    const checked = await runCli(['fsck', '--data', data])
    expect(checked).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing is damaged') as unknown,
    })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s lets an upload finish, and is a success', async (signal) => {
    const data = join(folder, 'data')
    await using served = await startServe({ data })
    const [half, rest] = [Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')]
    const digest = digestOf(Buffer.concat([half, rest]))
    const push = request(`${served.origin}/v2/a/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      headers: { 'Content-Length': half.length + rest.length },
    })
    push.write(half)
    await serving(served)
    const exit = once(served.process, 'exit')
    served.process.kill(signal)
    await said(served, '"stopping"')
    await expect(fetch(`${served.origin}/v2/`)).rejects.toThrow('fetch failed')
    push.end(rest)
    const answer = await answerTo(push)
    expect(answer.statusCode).toBe(201)
    expect(await exit).toEqual([0, null])
    await using again = await startServe({ data })
    expect((await fetch(`${again.origin}/v2/a/blobs/${digest}`)).status).toBe(200)
  })

  test('a second signal ends it at once', async () => {
    await using served = await startServe()
    const push = request(`${served.origin}/v2/a/blobs/uploads/?digest=${digestOf(Buffer.from('x'))}`, {
      method: 'POST',
      headers: { 'Content-Length': 1 },
    })
    push.on('error', () => undefined).flushHeaders()
    await serving(served)
    const exit = once(served.process, 'exit')
    served.process.kill('SIGTERM')
    await said(served, '"stopping"')
    served.process.kill('SIGTERM')
    expect(await exit).toEqual([143, null])
  })

  test('says what to type where the port is taken', async () => {
    await using taken = await listenAnywhere()
    const exit = await startLading(['serve', '--listen', `localhost:${taken.port}`, '--data', folder]).exit
    expect(exit.code).toBe(3)
    expect(exit.stderr).toBe(
      `error: Cannot listen on 127.0.0.1:${taken.port}: another program does already\n` +
        `  try: lading serve --listen localhost:${taken.port + 1}\n`,
    )
  })

  test('does not listen beyond this machine without TLS, and names what to say', async () => {
    const exit = await startLading(['serve', '--listen', ':0', '--data', folder]).exit
    expect(exit.code).toBe(2)
    expect(exit.stderr).toMatch(/^error: Cannot listen on \[::\]:0: without TLS/)
    expect(exit.stderr).toMatch(/--behind-tls-proxy.*--insecure.*container/)
  })

  test('speaks https with a certificate', async () => {
    await using served = await startServe({
      args: ['--tls-cert', join(certificates, 'server.crt'), '--tls-key', join(certificates, 'server.key')],
    })
    expect(served.origin).toMatch(/^https:/)
    const ask = secureRequest(`${served.origin}/v2/`, {
      ca: await readFile(join(certificates, 'ca.crt')),
      agent: false,
    })
    ask.end()
    const answer = await answerTo(ask)
    expect(answer.statusCode).toBe(200)
    expect(await text(answer)).toBe('{}')
  })

  test('says on which line a registry.yaml is wrong', async () => {
    const file = join(folder, 'registry.yaml')
    await writeFile(file, 'limits:\n  blobSize: 4GiB\n  blobsize: 4GiB\n')
    const exit = await startLading(['serve', '--config', file]).exit
    expect(exit.code).toBe(3)
    expect(exit.stderr).toContain(`${file}: line 3: limits.blobsize: there is no such key`)
  })

  test('takes rules from a registry.yaml, and what a flag says before it', async () => {
    const file = join(folder, 'registry.yaml')
    await writeFile(
      file,
      'listen: localhost:1\naccess:\n  rules:\n    - repositories: public/**\n      anonymous: true\n      allow: [pull]\n',
    )
    await using served = await startServe({ args: ['--config', file] })
    expect((await fetch(`${served.origin}/v2/public/a/tags/list`)).status).toBe(404)
    expect((await fetch(`${served.origin}/v2/private/a/tags/list`)).status).toBe(401)
    expect(served.log()).toContain('by the users and rules that were given')
  })

  test('refuses half of a certificate', async () => {
    const exit = await startLading(['serve', '--tls-cert', 'x', '--data', folder]).exit
    expect(exit.code).toBe(2)
    expect(exit.stderr).toMatch(/--tls-cert and --tls-key go together/)
  })

  test('writes lines of JSON where nobody looks at a terminal; --quiet none for requests', async () => {
    await using quiet = await startServe({ args: ['--quiet'] })
    await fetch(`${quiet.origin}/v2/`)
    await using served = await startServe()
    await fetch(`${served.origin}/v2/`)
    await said(served, '"request"')
    const records = served
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): unknown => JSON.parse(line))
    expect(records).toContainEqual(expect.objectContaining({ msg: 'request', path: '/v2/', status: 200 }))
    await stopped(quiet, 'SIGTERM')
    expect(quiet.log()).not.toContain('"request"')
  })
})

function blobPath(digest: string): { readonly algorithm: string; readonly hex: string } {
  const [algorithm = '', hex = ''] = digest.split(':')
  return { algorithm, hex }
}

async function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  sent.on('response', resolve).on('error', reject)
  return promise
}

/** Waits until the server answers a request besides. */
async function serving({ origin }: ServeProcess): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${origin}/metrics`)).text()
    const running = /^lading_http_requests_running (\d+)$/m.exec(metrics)?.[1]
    // The one that asks is one of them.
    if (Number(running) > 1) return
  }
}

/** Waits until the process has printed a text on standard output. */
async function said(served: ServeProcess, wanted: string): Promise<void> {
  const { stdout } = served.process
  if (stdout === null) throw new Error('the process has no pipes')
  while (!served.log().includes(wanted)) await once(stdout, 'data')
}

async function stopped(served: ServeProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(served.process, 'exit')
  served.process.kill(signal)
  expect(await exit).toEqual([0, null])
}

async function listenAnywhere(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
