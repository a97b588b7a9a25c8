import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { startServe } from '../fixtures/serve-process.ts'
import { expectStatus } from '../protocol/expect-response.ts'
import { type ProtocolClient, protocolClient } from '../protocol/protocol-client.ts'
import { makeImage } from '../protocol/protocol-data.ts'
import { putContents, sendManifest } from '../protocol/push-manifest.ts'
import { waysToPush } from '../protocol/push-blob.ts'
import { randomContent } from '../protocol/random-content.ts'
import { because, lacks, peer } from './peer.ts'
import { ladingPath } from './run-lading.ts'
import { parseStrace, straceWords, type SystemCall } from './strace-calls.ts'
import { withFolder } from './with-folder.ts'

const traced = [
  'fsync',
  'fdatasync',
  'rename',
  'renameat',
  'renameat2',
  'write',
  'writev',
  'sendto',
  'sendmsg',
]

/** What the log of records is called, whatever the database is. */
const recordLog = /^\d+<[^>]*-wal>/

describe.skipIf(lacks('strace'))(
  `a push is on the disk before it is acknowledged${because('strace')}`,
  () => {
    test.each(['in one POST', 'POST then PUT', 'streamed'] as const)(
      'a blob, %s: file, name, directory, record, 201',
      async (way) => {
        const blob = randomContent(100_000)
        const calls = await tracePush(async (client) => {
          expectStatus(await waysToPush[way](client, 'team/app', blob), 201)
        })
        const acknowledged = only(calls.filter(isCreated))
        const renamed = only(
          calls.filter((call) => call.name.startsWith('rename') && call.text.includes(hexOf(blob.digest))),
        )
        const [from = '', to = ''] = quoted(renamed.text)
        const fileSync = calls.find((call) => isSync(call, from) && call.ended < renamed.begun)
        const directorySync = calls.find((call) => isSync(call, dirname(to)) && call.begun > renamed.ended)
        expect(fileSync, 'the file is synced before it gets its name').toBeDefined()
        expect(directorySync, 'the directory is synced after that').toBeDefined()
        const recordSync = calls.find(
          (call) =>
            isSync(call, recordLog) &&
            call.begun > (directorySync?.ended ?? Infinity) &&
            call.ended < acknowledged.begun,
        )
        expect(recordSync, 'the record is synced after the blob and before the answer').toBeDefined()
      },
    )

    test('a manifest: record, 201', async () => {
      const image = makeImage()
      const calls = await tracePush(async (client) => {
        await putContents(client, 'team/app', image)
        expectStatus(await sendManifest(client, 'team/app', image, 'latest'), 201)
      })
      const created = calls.filter(isCreated)
      const [before, acknowledged] = created.slice(-2)
      expect(created.length).toBe(image.blobs.length + 1)
      const recordSync = calls.find(
        (call) =>
          isSync(call, recordLog) &&
          call.begun > (before?.ended ?? Infinity) &&
          call.ended < (acknowledged?.begun ?? -1),
      )
      expect(recordSync, 'the record is synced before the answer').toBeDefined()
    })
  },
)

/** Starts the server under strace, lets something be pushed, and gives the calls of the server. */
async function tracePush(push: (client: ProtocolClient) => Promise<void>): Promise<readonly SystemCall[]> {
  return withFolder(async (folder) => {
    const file = join(folder, 'trace')
    const command = [peer('strace'), ...straceWords(file, traced), process.execPath, ladingPath]
    const server = await startServe({ command, data: join(folder, 'data') })
    const client = protocolClient(server)
    try {
      await push(client)
    } finally {
      client.close()
      await server.stop()
    }
    return parseStrace(await wholeTrace(file, server.process.pid))
  })
}

/** What strace wrote, once it has seen the end of the process: it writes on for a moment after that. */
async function wholeTrace(file: string, process: number | undefined): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const trace = await readFile(file, 'utf8')
    if (new RegExp(`^${process} +\\+\\+\\+`, 'm').test(trace)) return trace
    await wait(20)
  }
  throw new Error('strace does not end')
}

function isSync({ name, text }: SystemCall, path: string | RegExp): boolean {
  const isPath = typeof path === 'string' ? text.includes(`<${path}>`) : path.test(text)
  return /^f(?:data)?sync$/.test(name) && isPath && text.endsWith(' = 0')
}

/** Whether it is the answer to a push: the connection is the only one that is written to. */
function isCreated({ name, text }: SystemCall): boolean {
  return /^(?:write|send)/.test(name) && text.includes('HTTP/1.1 201')
}

function quoted(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path)
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length)
}

function only<T>(values: readonly T[]): T {
  const [value] = values
  if (value === undefined || values.length !== 1) throw new Error(`${values.length} calls, not one`)
  return value
}
