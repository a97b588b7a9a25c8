import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startServe } from '../fixtures/serve-process.ts'
import { ladingPath } from '../interop/run-lading.ts'
import { protocolClient } from '../protocol/protocol-client.ts'
import { randomContent } from '../protocol/random-content.ts'
import { AcknowledgedContent } from './acknowledged-content.ts'
import { type Checked, checkContent } from './check-content.ts'
import { pushUntilKilled } from './push-until-killed.ts'
import { randomChoices } from './random-choices.ts'

/** How often the server is killed; each takes about half a second. */
const kills = Number(process.env['LADING_KILLS'] ?? 200)

/** Chooses what is pushed, and when the server is killed. */
const seed = Number(process.env['LADING_SEED'] ?? Date.now() % 1_000_000)

const clients = 4

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-kill-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test(
  `a server that is killed ${kills} times has all that it acknowledged, and nothing by half (seed ${seed})`,
  async () => {
    const choices = randomChoices(seed)
    const shared = Array.from({ length: 6 }, () => randomContent(1 + choices.number(100_000)))
    const contents = Array.from(
      { length: clients },
      (_, number) => new AcknowledgedContent(`team/app-${number}`),
    )
    const checked: readonly Checked[] = contents.map(() => new Set())

    for (let round = 0; round < kills; round += 1) {
      await using server = await startServer()
      await checkAll(server.origin, contents, checked)
      let killed = false
      const pushing = contents.map(async (content) =>
        pushUntilKilled(content, { origin: server.origin, choices, shared, isKilled: () => killed }),
      )
      const finished = Promise.all(pushing)
      await Promise.race([wait(choices.number(200)), finished])
      killed = true
      server.process.kill('SIGKILL')
      await finished
    }

    await using server = await startServer()
    const sum = (count: (content: AcknowledgedContent) => number): number =>
      contents.reduce((total, content) => total + count(content), 0)
    // What was read once is read again: later kills must not have hurt it.
    await checkAll(
      server.origin,
      contents,
      contents.map(() => new Set()),
    )
    const found = { manifests: sum(({ manifests }) => manifests.size), blobs: sum(({ blobs }) => blobs.size) }
    console.log(
      `${kills} kills: ${found.manifests} manifests and ${found.blobs} blobs acknowledged and whole`,
    )
    expect(found.manifests).toBeGreaterThan(kills)
  },
  kills * 5_000 + 60_000,
)

async function startServer(): ReturnType<typeof startServe> {
  return startServe({
    command: [process.execPath, ladingPath],
    data: join(folder, 'data'),
    environment: { XDG_CACHE_HOME: join(folder, 'cache') },
  })
}

async function checkAll(
  origin: string,
  contents: readonly AcknowledgedContent[],
  checked: readonly Checked[],
): Promise<void> {
  const client = protocolClient({ origin })
  try {
    await Promise.all(
      contents.map(async (content, number) => checkContent(client, content, checked[number] ?? new Set())),
    )
  } finally {
    client.close()
  }
}
