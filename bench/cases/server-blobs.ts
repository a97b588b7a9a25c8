import { join } from 'node:path'
import { peer } from '../../test/interop/peer.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { randomImage } from '../random-image.ts'
import type { Row } from '../report.ts'
import { compareSeries } from '../server/compare-rates.ts'
import { startContestants } from '../server/contestants.ts'
import { runWrk } from '../server/wrk.ts'

/** Bytes a second of blobs that are pulled, four at once. */
export const serverBlobs: BenchCase = {
  name: 'server-blobs',
  async run({ rounds, folder, say }) {
    await using contestants = await startContestants(join(folder, 'blobs'), say)
    const { lading, peers } = contestants
    const registries = [lading, ...peers]
    const image = randomImage([1e6, 1e7, 1e8])
    for (const { host } of registries) await uploadImage(host, 'bench/blobs', 'latest', image)
    const layers = image.contents.filter(({ bytes }) => bytes.length >= 1e6)
    const rows: Row[] = []
    for (const { descriptor } of layers) {
      const megabytes = Math.round(descriptor.size / 1e6)
      say(`${megabytes} MB`)
      const series = registries.map(({ name }) => ({ name, figures: [] as number[] }))
      for (let round = 0; round < Math.min(rounds, 7); round++) {
        for (const [index, { host }] of registries.entries()) {
          const url = `http://${host}/v2/bench/blobs/blobs/${descriptor.digest}`
          const { bytesPerSecond } = await runWrk(peer('wrk'), { url, connections: 4, seconds: 3 })
          series[index]?.figures.push(bytesPerSecond)
        }
      }
      rows.push(
        ...compareSeries(series, {
          work: `GET blob of ${megabytes} MB`,
          measure: 'MB/s',
          format: (figure) => (figure / 1e6).toFixed(0),
          goals: { 'distribution 3': { atLeast: 0.9 } },
        }),
      )
    }
    return rows
  },
}
