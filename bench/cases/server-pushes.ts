import { join } from 'node:path'
import type { BenchCase } from '../bench-case.ts'
import type { Row } from '../report.ts'
import { compareSeries } from '../server/compare-rates.ts'
import { startContestants } from '../server/contestants.ts'
import { runPushClient } from '../server/run-push-client.ts'
import { formatMegabytes } from '../report.ts'

/** Bytes a second of blobs that are pushed, one and eight at once, and the memory that it takes. */
export const serverPushes: BenchCase = {
  name: 'server-pushes',
  async run({ rounds, folder, say }) {
    await using contestants = await startContestants(join(folder, 'pushes'), say)
    const registries = [contestants.lading, ...contestants.peers]
    const rows: Row[] = []
    for (const megabytes of [1, 10, 100]) {
      for (const atOnce of [1, 8]) {
        const size = megabytes * 1e6
        const count = Math.max(atOnce, Math.min(64, Math.ceil(200 / megabytes)))
        say(`${megabytes} MB, ${atOnce} at once`)
        const series = registries.map(({ name }) => ({ name, figures: [] as number[] }))
        for (let round = 0; round < Math.min(rounds, 5); round++) {
          for (const [index, { host }] of registries.entries()) {
            const seed = `${megabytes} ${atOnce} ${round}`
            const milliseconds = await runPushClient({ host, size, atOnce, count, seed })
            series[index]?.figures.push((size * count) / (milliseconds / 1000))
          }
        }
        rows.push(
          ...compareSeries(series, {
            work: `push blobs of ${megabytes} MB, ${atOnce} at once`,
            measure: 'MB/s',
            format: (figure) => (figure / 1e6).toFixed(0),
            goals: { 'distribution 3': { atLeast: 1.1 } },
          }),
        )
      }
    }
    const memory = await Promise.all(registries.map((registry) => registry.peakMemory()))
    return [
      ...rows,
      ...registries.slice(1).map(({ name }, index) => ({
        work: 'memory after all pushes',
        measure: 'memory',
        lading: formatMegabytes(memory[0] ?? NaN),
        peer: name,
        theirs: formatMegabytes(memory[index + 1] ?? NaN),
        ratio: '',
        goal: index === 0 ? `≤ 200 MB: ${(memory[0] ?? NaN) <= 200e6 ? 'reached' : 'missed'}` : '',
      })),
    ]
  },
}
