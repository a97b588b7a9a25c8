import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildImage, buildIndex, type FixtureImage } from '../../test/fixtures/build-image.ts'
import { writeMonorepo } from '../../test/fixtures/projects/monorepo.ts'
import { pushToRegistry } from '../../test/fixtures/push-to-registry.ts'
import { startServe } from '../../test/fixtures/serve-process.ts'
import { ladingPath } from '../../test/interop/run-lading.ts'
import type { BenchCase } from '../bench-case.ts'
import { type CountingProxy, startCountingProxy } from '../counting-proxy.ts'
import { measureInTurn } from '../measure.ts'
import { lading } from '../peer-commands.ts'
import { formatTime, type Row } from '../report.ts'
import { median } from '../statistics.ts'

const references = 300
const images = 60
const delay = 50

/** A monorepo, locked at a registry that takes its time, and checked without it. */
export const lockProject: BenchCase = {
  name: 'lock-project',
  async run({ folder, rounds }) {
    await using registry = await startServe({ command: [process.execPath, ladingPath], seconds: 3600 })
    await using proxy = await startCountingProxy(registry.host, delay)
    const project = join(folder, 'monorepo')
    await writeMonorepo(project, { registry: proxy.host, references, images })
    await pushImages(registry.host)
    const config = join(folder, 'config.yaml')
    await writeFile(config, 'defaults: {requestsPerHost: 32}\n')
    const cache = join(folder, 'monorepo-cache')
    const run = (...words: readonly string[]): string =>
      `XDG_CACHE_HOME=${cache} ${lading.run(...words, '--project', project)}`
    const forget = (): Promise<void> => rm(join(cache, 'lading'), { recursive: true, force: true })
    const work = `${references} references of ${images} images, ${delay} ms added to each answer`
    await mkdir(cache)

    const lock = {
      name: lading.name,
      command: () => run('lock', '--config-file', config),
      prepare: async (): Promise<void> => {
        await forget()
        await rm(join(project, 'lading.lock'), { force: true })
        proxy.take()
      },
    }
    const check = { name: lading.name, command: () => run('check') }
    return [
      await timeRow(`lock ${work}`, lock, { rounds, goal: 2000 }),
      requestsRow(`lock ${work}`, proxy),
      await timeRow('lock it again', { ...lock, prepare: async () => {} }, { rounds }),
      await timeRow('check it, nothing cached', { ...check, prepare: forget }, { rounds, goal: 2000 }),
      await timeRow('check it', check, { rounds, goal: 300 }),
    ]
  },
}

async function timeRow(
  work: string,
  contestant: Parameters<typeof measureInTurn>[0][number],
  { goal, rounds }: { readonly rounds: number; readonly goal?: number },
): Promise<Row> {
  const [measured] = await measureInTurn([contestant], Math.min(rounds, 9))
  const runs = measured?.runs ?? []
  const time = median(runs.map(({ wall }) => wall))
  const cpu = formatTime(median(runs.map((one) => one.cpu)))
  const verdict = goal === undefined ? '' : `≤ ${formatTime(goal)}: ${time <= goal ? 'reached' : 'missed'}`
  return {
    work,
    measure: 'time',
    lading: `${formatTime(time)} (${cpu} of CPU)`,
    peer: '',
    theirs: '',
    ratio: '',
    goal: verdict,
  }
}

/** Of the last run. */
function requestsRow(work: string, proxy: CountingProxy): Row {
  const each = proxy.take().requests / images
  return {
    work,
    measure: 'requests an image',
    lading: each.toFixed(1),
    peer: '',
    theirs: '',
    ratio: '',
    goal: `≤ 4: ${each <= 4 ? 'reached' : 'missed'}`,
  }
}

/** Under the names of the monorepo; an index of two platforms each. */
async function pushImages(host: string): Promise<void> {
  for (let number = 0; number < images; number += 1)
    await pushToRegistry(host, { [`team${number % 6}/image${number}:1.${number}`]: imageOf(number) })
}

function imageOf(number: number): FixtureImage {
  const layers = [{ name: `image${number}` }]
  return buildIndex(
    ['amd64', 'arm64'].map((architecture) => buildImage({ layers, platform: { os: 'linux', architecture } })),
  )
}
