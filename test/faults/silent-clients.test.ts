import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type ServeProcess, startServe } from '../fixtures/serve-process.ts'
import { ladingPath } from '../interop/run-lading.ts'
import { expectStatus } from '../protocol/expect-response.ts'
import { type ProtocolClient, protocolClient } from '../protocol/protocol-client.ts'
import { makeImage } from '../protocol/protocol-data.ts'
import { closeUpload, startUpload } from '../protocol/push-blob.ts'
import { expectManifest, putManifest } from '../protocol/push-manifest.ts'
import { randomContent } from '../protocol/random-content.ts'

const command = [process.execPath, ladingPath]
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

test('2,000 connections that say nothing, or nothing more, keep nobody from being served', async () => {
  await using server = await startServe({ command })
  const client = protocolClient({ origin: server.origin })
  const image = makeImage()
  await putManifest(client, 'team/app', image, 'v1')
  for (let batch = 0; batch < 20; batch += 1) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, number) => beSilent(server, sayings[number % 4] ?? '')),
    )
  }
  for (let count = 0; count < 20; count += 1) {
    expectManifest(await client.ask('/v2/team/app/manifests/v1'), image)
  }
  await putManifest(client, 'team/app', makeImage(), 'v2')
  expect(await residentMegabytes(server)).toBeLessThan(200)
  client.close()
})

test('what a client sent of a chunk before it was gone is kept, and the upload goes on behind it', async () => {
  await using server = await startServe({ command })
  const client = protocolClient({ origin: server.origin })
  const { bytes, digest } = randomContent(300_000)
  const location = await startUpload(client, 'team/app')
  const silent = await beSilent(
    server,
    `PATCH ${location.pathname}${location.search} HTTP/1.1\r\nHost: ${server.host}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
  )
  await new Promise((resolve) => {
    silent.write(bytes.subarray(0, 100_000), resolve)
  })
  silent.destroy()
  const offset = await arrived(client, location, 100_000)
  expectStatus(await closeUpload(client, location, digest, bytes.subarray(offset), offset), 201)
  expectStatus(await client.ask(`/v2/team/app/blobs/${digest}`), 200)
  client.close()
})

/** What a connection may say before it says nothing more. */
const sayings: readonly string[] = [
  '',
  'GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /v2/team/app/manifests/v1 HTTP/1.1\r\nHost: loc',
  'POST /v2/team/app/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nfew bytes',
]

async function beSilent({ origin }: ServeProcess, said: string): Promise<Socket> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'connect')
  socket.write(said)
  return socket
}

/** Asks until so many bytes have arrived, and gives their number. */
async function arrived(client: ProtocolClient, location: URL, wanted: number): Promise<number> {
  for (let attempt = 0; attempt < 2_000; attempt += 1) {
    const status = await client.ask(location)
    expectStatus(status, 204)
    const end = Number(/^0-(\d+)$/.exec(String(status.headers['range']))?.[1] ?? 0)
    if (end + 1 >= wanted) return end + 1
  }
  return assert.fail(`${wanted} bytes did not arrive`)
}

/** What a process holds in memory; 0 where the system does not say. */
async function residentMegabytes({ process: { pid } }: ServeProcess): Promise<number> {
  if (process.platform !== 'linux') return 0
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}
