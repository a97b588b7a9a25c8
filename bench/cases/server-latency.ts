import { join } from 'node:path'
import { peer } from '../../test/interop/peer.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { formatMegabytes } from '../report.ts'
import { compareSeries } from '../server/compare-rates.ts'
import { startContestants } from '../server/contestants.ts'
import { smallImage } from '../server/fill.ts'
import { runPushClient } from '../server/run-push-client.ts'
import { runWrk } from '../server/wrk.ts'

/** How long small requests take while eight blobs of 100 MB are pushed. */
export const serverLatency: BenchCase = {
  name: 'server-latency',
  async run({ rounds, folder, say }) {
    await using contestants = await startContestants(join(folder, 'latency'), say)
    const registries = [contestants.lading, ...contestants.peers]
    for (const { host } of registries) await uploadImage(host, 'bench/small', 'latest', smallImage())
    const p99 = registries.map(({ name }) => ({ name, figures: [] as number[] }))
    const p50 = registries.map(({ name }) => ({ name, figures: [] as number[] }))
    for (let round = 0; round < Math.min(rounds, 5); round++) {
      for (const [index, { host }] of registries.entries()) {
        const pushing = runPushClient({ host, size: 1e8, atOnce: 8, count: 16, seed: `latency ${round}` })
        const [result] = await Promise.all([
          runWrk(peer('wrk'), {
            url: `http://${host}/v2/bench/small/manifests/latest`,
            headers: { Accept: 'application/vnd.oci.image.manifest.v1+json' },
            connections: 4,
            seconds: 5,
          }),
          pushing,
        ])
        p99[index]?.figures.push(result.p99)
        p50[index]?.figures.push(result.p50)
      }
    }
    const work = 'GET manifest during eight pushes of 100 MB'
    const memory = await Promise.all(registries.map((registry) => registry.peakMemory()))
    return [
      ...compareSeries(p50, { work, measure: 'p50', format }),
      ...compareSeries(p99, {
        work,
        measure: 'p99',
        format,
        goals: Object.fromEntries(contestants.peers.map(({ name }) => [name, { atMost: 1 }])),
      }),
      ...registries.slice(1).map(({ name }, index) => ({
        work: 'memory after it',
        measure: 'memory',
        lading: formatMegabytes(memory[0] ?? NaN),
        peer: name,
        theirs: formatMegabytes(memory[index + 1] ?? NaN),
        ratio: '',
        goal: '',
      })),
    ]
  },
}

function format(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`
}
