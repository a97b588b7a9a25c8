import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fetchBytes, NotFoundError, UnavailableError, UnsupportedError } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { buildImage } from '../../../test/fixtures/build-image.ts'
import { collect } from '../../../test/fixtures/collect.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { createDockerArchive } from '../docker-archive/create-docker-archive.ts'
import { openDockerArchive } from '../docker-archive/open-docker-archive.ts'
import { createDockerDaemonTarget } from './create-docker-daemon-target.ts'
import { openDockerDaemon } from './open-docker-daemon.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

const image = buildImage()
const version: Answer = (_, response) => response.end('{"ApiVersion":"1.51"}')
const images: Answer = (_, response) =>
  response.end(
    JSON.stringify([
      { RepoTags: ['demo:1', 'demo:latest'] },
      { RepoTags: ['<none>:<none>'] },
      { RepoTags: null },
    ]),
  )

let scratch: string
let host: string
let server: Server
let answers: Record<string, Answer>
let asked: string[]

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lading-daemon-'))
  const socketPath = join(scratch, 'docker.sock')
  host = `unix://${socketPath}`
  asked = []
  answers = { 'GET /version': version, 'GET /images/json': images }
  server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    asked.push(line)
    const answer = answers[line]
    if (answer === undefined) response.writeHead(404).end(`{"message":"no such thing: ${request.url}"}`)
    else answer(request, response)
  })
  server.listen(socketPath)
  await once(server, 'listening')
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(scratch, { recursive: true })
})

describe('openDockerDaemon()', () => {
  test('exports an image once, and gives its bytes', async () => {
    const archive = await savedImage()
    answers['GET /images/demo:1/json'] = (_, response) => response.end('{"Id":"sha256:0"}')
    answers['GET /images/demo:1/get'] = (_, response) => response.end(archive)
    await using source = await openDockerDaemon({ host, temporaryDirectory: scratch })
    const descriptor = await source.resolve('docker.io/library/demo:1')
    expect(descriptor).toMatchObject({ digest: image.descriptor.digest })
    expect(await source.resolve('demo:1')).toEqual(descriptor)
    for (const { descriptor: child, bytes } of image.contents) {
      expect(await fetchBytes(source, child)).toEqual(Buffer.from(bytes))
    }
    expect(asked).toEqual(['GET /version', 'GET /images/demo:1/json', 'GET /images/demo:1/get'])
    await source.close()
    expect(await readdir(scratch)).toEqual(['docker.sock'])
  })

  test('lists tags, and names them when one is missing', async () => {
    await using source = await openDockerDaemon({ host })
    expect(await collect(source.tags())).toEqual(['demo:1', 'demo:latest'])
    await expect(source.resolve('demo:2')).rejects.toThrow(NotFoundError)
    await expect(source.resolve('demo:2')).rejects.toMatchObject({ hint: 'There are: demo:1, demo:latest.' })
    await expect(source.resolve('')).rejects.toThrow(UsageError)
  })

  test('says when an export breaks off, and leaves nothing behind', async () => {
    const archive = await savedImage()
    answers['GET /images/demo:1/json'] = (_, response) => response.end('{}')
    answers['GET /images/demo:1/get'] = (_, response) => {
      response.write(archive.subarray(0, archive.length / 2), () => response.destroy())
    }
    await using source = await openDockerDaemon({ host, temporaryDirectory: scratch })
    await expect(source.resolve('demo:1')).rejects.toThrow(UnavailableError)
    expect(await readdir(scratch)).toEqual(['docker.sock'])
    answers['GET /images/demo:1/get'] = (_, response) => response.end(archive)
    expect(await source.resolve('demo:1')).toMatchObject({ digest: image.descriptor.digest })
  })

  test("tells the daemon's own errors", async () => {
    answers['GET /images/demo:1/json'] = (_, response) =>
      response.writeHead(500).end('{"message":"disk\\n\\u001b[2Jgone"}')
    await using source = await openDockerDaemon({ host })
    await expect(source.resolve('demo:1')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      status: 500,
      message: 'Cannot find "demo:1" in docker-daemon: the daemon says: disk [2Jgone',
    })
  })

  test('says that no daemon listens, and what to do', async () => {
    const opening = openDockerDaemon({ host: `unix://${join(scratch, 'other.sock')}` })
    await expect(opening).rejects.toThrow(UnavailableError)
    await expect(opening).rejects.toHaveProperty(
      'hint',
      'Start Docker, or name another socket with DOCKER_HOST; that of podman is started by: systemctl --user start podman.socket',
    )
    await writeFile(join(scratch, 'file'), '')
    await expect(openDockerDaemon({ host: `unix://${join(scratch, 'file')}` })).rejects.toThrow(
      /no daemon listens at unix:/,
    )
  })

  test('says that what listens is no Docker daemon', async () => {
    answers['GET /version'] = (_, response) => response.end('<html>')
    await expect(openDockerDaemon({ host })).rejects.toThrow(UnavailableError)
    answers['GET /version'] = (_, response) => response.end('{}')
    await expect(openDockerDaemon({ host })).rejects.toThrow(/is no Docker daemon/)
  })

  test('speaks plainly to this machine only', async () => {
    await expect(openDockerDaemon({ host: 'tcp://build.example:2375' })).rejects.toThrow(UnsupportedError)
    await expect(openDockerDaemon({ host: 'ssh://build.example' })).rejects.toThrow(UnsupportedError)
    await expect(openDockerDaemon({ host: 'docker.sock' })).rejects.toThrow(UsageError)
    const overTcp = createServer((request, response) => version(request, response))
    overTcp.listen(0, '127.0.0.1')
    await once(overTcp, 'listening')
    const address = overTcp.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await (await openDockerDaemon({ host: `tcp://127.0.0.1:${port}` })).close()
    overTcp.close()
  })

  test('rejects with the reason of its signal while the daemon is silent', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    answers['GET /version'] = () => controller.abort(reason)
    await expect(openDockerDaemon({ host, signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('createDockerDaemonTarget()', () => {
  test('sends one archive with every image when it is committed', async () => {
    let sent: Promise<Buffer> | undefined
    answers['POST /images/load?quiet=1'] = async (request, response) => {
      sent = buffer(request)
      await sent
      response.end('{"stream":"Loaded image: demo:1\\n"}\n')
    }
    await using target = createDockerDaemonTarget({ host })
    await pushImage(target, image, 'demo:1')
    await pushImage(target, buildImage({ layers: [{ b: '2' }] }), 'other:1')
    expect(asked).toEqual(['GET /version'])
    await target.commit()
    const archive = join(scratch, 'sent.tar')
    await writeFile(archive, (await sent) ?? '')
    await using source = await openDockerArchive(archive)
    expect(await collect(source.tags())).toEqual(['demo:1', 'other:1'])
    expect(await source.resolve('demo:1')).toMatchObject({ digest: image.descriptor.digest })
  })

  test('says that no daemon listens before it takes anything', async () => {
    await using target = createDockerDaemonTarget({ host: `unix://${join(scratch, 'other.sock')}` })
    const unread = { open: () => Promise.reject(new Error('was read')) }
    await expect(target.push(image.descriptor, unread)).rejects.toThrow(/no daemon listens/)
  })

  test('fails when the daemon says so after its status', async () => {
    answers['POST /images/load?quiet=1'] = async (request, response) => {
      await buffer(request)
      response.end(
        '{"stream":"Loading"}\n{"errorDetail":{"message":"invalid diffID"},"error":"invalid diffID"}\n',
      )
    }
    await using target = createDockerDaemonTarget({ host })
    await pushImage(target, image, 'demo:1')
    await expect(target.commit()).rejects.toThrow(
      'Cannot load images into docker-daemon: the daemon says: invalid diffID',
    )
  })

  test('fails when the daemon refuses, hangs up, or is not there', async () => {
    answers['POST /images/load?quiet=1'] = async (request, response) => {
      await buffer(request)
      response.writeHead(500).end('{"message":"no space left on device"}')
    }
    await expect(load()).rejects.toThrow(/the daemon says: no space left on device/)
    answers['POST /images/load?quiet=1'] = (request) => request.destroy()
    await expect(load()).rejects.toThrow(UnavailableError)
    answers['POST /images/load?quiet=1'] = (_, response) => {
      response.write('{"stream":"Load', () => response.destroy())
    }
    await expect(load()).rejects.toThrow(UnavailableError)
    host = `unix://${join(scratch, 'other.sock')}`
    await expect(load()).rejects.toThrow(/no daemon listens/)
  })
})

async function load(): Promise<void> {
  await using target = createDockerDaemonTarget({ host })
  await pushImage(target, image, 'demo:1')
  await target.commit()
}

async function savedImage(): Promise<Buffer> {
  const path = join(scratch, 'saved.tar')
  await using target = createDockerArchive(path)
  await pushImage(target, image, 'demo:1')
  await target.commit()
  const bytes = await readFile(path)
  await rm(path)
  return bytes
}
