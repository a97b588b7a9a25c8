import { startDockerRegistry } from '../../test/interop/docker-registry.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { startCountingProxy } from '../counting-proxy.ts'
import { type Measured, measureInTurn, measureOnce } from '../measure.ts'
import { lading, presentPeers, type Tool } from '../peer-commands.ts'
import { randomImage } from '../random-image.ts'
import type { Row } from '../report.ts'
import { median } from '../statistics.ts'

/** A copy of what is there already: time, and the requests and blob bytes that it costs; without referrers, and with. */
export const copyAgain: BenchCase = {
  name: 'copy-again',
  async run({ rounds }) {
    await using source = await startDockerRegistry({ seconds: 3600 })
    await using target = await startDockerRegistry({ seconds: 3600 })
    const image = randomImage([1e6, 2e6, 3e6])
    await uploadImage(source.host, 'same', 'one', image)
    await uploadImage(target.host, 'same', 'one', image)
    await using from = await startCountingProxy(source.host)
    await using to = await startCountingProxy(target.host)

    const tools = [lading, ...presentPeers()]
    const withReferrers = tools.flatMap(({ name, copyWithReferrers }) =>
      copyWithReferrers === undefined ? [] : [{ name, copy: copyWithReferrers }],
    )
    return [
      ...(await again('copy again, nothing to do', tools)),
      ...(await again('copy again, looking for referrers', withReferrers)),
    ]

    async function again(
      work: string,
      copiers: readonly Pick<Tool, 'name' | 'copy'>[],
    ): Promise<readonly Row[]> {
      const measured = await measureInTurn(
        copiers.map(({ name, copy }) => ({
          name,
          command: () => copy(`${source.host}/same:one`, `${target.host}/same:one`),
        })),
        rounds,
      )
      const requests: number[] = []
      const bytes: number[] = []
      for (const { copy } of copiers) {
        await measureOnce(copy(`${from.host}/same:one`, `${to.host}/same:one`))
        const traffic = [from.take(), to.take()]
        requests.push(traffic.reduce((sum, each) => sum + each.requests, 0))
        bytes.push(traffic.reduce((sum, each) => sum + each.blobBytes, 0))
      }
      const names = copiers.map(({ name }) => name)
      return [
        ...withExtraTime(compare(work, 'time', measured), measured),
        ...counted(work, 'requests', names, requests, ([own = 0, ...theirs]) =>
          verdict('≤ the best peer', own <= Math.min(...theirs)),
        ),
        ...counted(work, 'blob bytes', names, bytes, ([own]) => verdict('0', own === 0)),
      ]
    }
  },
}

/** The goal is a difference: at most 100 ms more than the fastest peer. */
function withExtraTime(rows: readonly Row[], [own, ...peers]: readonly Measured[]): readonly Row[] {
  if (own === undefined || peers.length === 0) return rows
  const fastest = peers.reduce((a, b) => (medianWall(b) < medianWall(a) ? b : a))
  const extra = medianWall(own) - medianWall(fastest)
  return rows.map((row) =>
    row.peer === fastest.name
      ? { ...row, goal: verdict(`at most 100 ms more: ${extra.toFixed(0)} ms`, extra <= 100) }
      : row,
  )
}

function counted(
  work: string,
  measure: string,
  names: readonly string[],
  counts: readonly number[],
  judge: (counts: readonly number[]) => string,
): readonly Row[] {
  return names.slice(1).map((peer, number) => ({
    work,
    measure,
    lading: String(counts[0]),
    peer,
    theirs: String(counts[number + 1]),
    ratio: '',
    goal: number === 0 ? judge(counts) : '',
  }))
}

function verdict(goal: string, reached: boolean): string {
  return `${goal}: ${reached ? 'reached' : 'missed'}`
}

function medianWall({ runs }: Measured): number {
  return median(runs.map((run) => run.wall))
}
