import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { monorepoFiles } from '../../test/fixtures/projects/monorepo.ts'
import type { BenchCase } from '../bench-case.ts'
import { measureInTurn } from '../measure.ts'
import { peakMemory } from '../peak-memory.ts'
import { lading } from '../peer-commands.ts'
import { formatMegabytes, formatTime } from '../report.ts'
import { median } from '../statistics.ts'

const files = 50_000
const mostMilliseconds = 2000
const mostBytes = 300_000_000

/** What images a large repository names: sources, many YAML files that name none, and a monorepo's 300 references. */
export const lockFind: BenchCase = {
  name: 'lock-find',
  async run({ folder, rounds }) {
    const project = join(folder, 'large')
    const cache = join(folder, 'large-cache')
    await writeProject(project)
    const command = `XDG_CACHE_HOME=${cache} ${lading.run('unpin', '--dry-run', '--project', project)}`
    const forget = (): Promise<void> => rm(join(cache, 'lading'), { recursive: true, force: true })
    const contestant = { name: lading.name, command: () => command, prepare: forget }
    const [measured] = await measureInTurn([contestant], Math.min(rounds, 7))
    const runs = measured?.runs ?? []
    const time = median(runs.map(({ wall }) => wall))
    await forget()
    const memory = await peakMemory(command)
    const row = { work: `find the images of ${files} files, nothing cached`, peer: '', theirs: '', ratio: '' }
    return [
      {
        ...row,
        measure: 'time',
        lading: `${formatTime(time)} (${formatTime(median(runs.map(({ cpu }) => cpu)))} of CPU)`,
        goal: goal(formatTime(mostMilliseconds), time <= mostMilliseconds),
      },
      {
        ...row,
        measure: 'memory',
        lading: formatMegabytes(memory),
        goal: goal(formatMegabytes(mostBytes), memory <= mostBytes),
      },
    ]
  },
}

function goal(limit: string, isReached: boolean): string {
  return `≤ ${limit}: ${isReached ? 'reached' : 'missed'}`
}

/** Every tenth file is YAML, of which every tenth is an object of Kubernetes that runs nothing. */
async function writeProject(root: string): Promise<void> {
  const named = monorepoFiles({ registry: 'registry.example' })
  for (const [path, text] of named) await write(join(root, path), text)
  for (let number = named.size; number < files; number += 1) {
    const folder = `packages/package-${Math.floor(number / 200)}/src/part-${Math.floor(number / 20) % 10}`
    const [name, text] = fileOf(number)
    await write(join(root, folder, name), text)
  }
}

function fileOf(number: number): readonly [name: string, text: string] {
  if (number % 100 === 0)
    return [
      `config-${number}.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map-${number}}\ndata:\n${'  key: value\n'.replace('key', `key${number}`)}`,
    ]
  if (number % 10 === 0)
    return [`data-${number}.yaml`, 'entries:\n' + '  - name: value\n    other: 1\n'.repeat(40)]
  return [`module-${number}.ts`, `export const number${number} = ${number}\n`.repeat(10)]
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
