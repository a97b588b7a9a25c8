import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { mustRun } from '../../test/interop/run-program.ts'
import { peer } from '../../test/interop/peer.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import type { Row } from '../report.ts'
import { compareSeries, type RatioBound } from '../server/compare-rates.ts'
import { startContestants } from '../server/contestants.ts'
import { fillCatalog, fillTags, smallImage } from '../server/fill.ts'
import { freePort } from '../server/free-port.ts'
import { runWrk } from '../server/wrk.ts'

/** Small requests a second, eight connections: manifests, HEAD of a blob, pages of tags and of the catalogue. */
export const serverRequests: BenchCase = {
  name: 'server-requests',
  async run({ rounds, folder, say }) {
    await using contestants = await startContestants(join(folder, 'requests'), say)
    const { lading, peers } = contestants
    const image = smallImage()
    const bare = await startBareServer(image.bytes.length)
    try {
      for (const registry of [lading, ...peers]) {
        say(`filling ${registry.name}`)
        await uploadImage(registry.host, 'bench/small', 'latest', image)
        await fillTags(registry, 'bench/tags-1000', 1000)
        await fillTags(registry, 'bench/tags-20000', 20_000)
        await fillCatalog(registry, 10_000)
      }
      const rows: Row[] = []
      for (const work of works(image.descriptor.digest, image.contents[0]?.descriptor.digest ?? '')) {
        say(work.name)
        const hosts = [
          lading,
          ...peers,
          ...(work.bare === undefined ? [] : [{ name: 'bare node:http', host: bare.host }]),
        ]
        const series = hosts.map(({ name }) => ({ name, figures: [] as number[] }))
        for (let round = 0; round < Math.min(rounds, 7); round++) {
          for (const [index, { host }] of hosts.entries()) {
            const requestsPerSecond = await measure(host, work)
            series[index]?.figures.push(requestsPerSecond)
          }
        }
        rows.push(
          ...compareSeries(series, {
            work: work.name,
            measure: 'requests/s',
            format: (figure) => figure.toFixed(0),
            goals: {
              'distribution 3': work.goal,
              ...(work.bare === undefined ? {} : { 'bare node:http': work.bare }),
            },
          }),
        )
      }
      return rows
    } finally {
      bare.stop()
    }
  },
}

/** Requests a second over eight connections. */
async function measure(host: string, { path, method, headers = {} }: Work): Promise<number> {
  if (method === 'HEAD') {
    const client = join(import.meta.dirname, '..', 'server', 'head-client.ts')
    return Number(await mustRun(process.execPath, [client, `--host=${host}`, `--path=${path}`]))
  }
  const request = { url: `http://${host}${path}`, headers, connections: 8, seconds: 2 }
  return (await runWrk(peer('wrk'), request)).requestsPerSecond
}

interface Work {
  readonly name: string
  readonly path: string
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly goal: RatioBound
  readonly bare?: RatioBound
}

function works(manifest: string, blob: string): readonly Work[] {
  const headers = { Accept: 'application/vnd.oci.image.manifest.v1+json' }
  return [
    {
      name: 'GET manifest by tag',
      path: '/v2/bench/small/manifests/latest',
      headers,
      goal: { atLeast: 3 },
      bare: { atLeast: 0.6 },
    },
    {
      name: 'GET manifest by digest',
      path: `/v2/bench/small/manifests/${manifest}`,
      headers,
      goal: { atLeast: 3 },
      bare: { atLeast: 0.6 },
    },
    {
      name: 'HEAD blob',
      path: `/v2/bench/small/blobs/${blob}`,
      method: 'HEAD',
      goal: { atLeast: 1 },
    },
    { name: '100 of 1,000 tags', path: '/v2/bench/tags-1000/tags/list?n=100', goal: { atLeast: 5 } },
    {
      name: '100 of 20,000 tags, from the middle',
      path: '/v2/bench/tags-20000/tags/list?n=100&last=tag-10000',
      goal: { atLeast: 5 },
    },
    {
      name: '100 of 10,000 repositories',
      path: '/v2/_catalog?n=100&last=catalog/repository-05000',
      goal: { atLeast: 5 },
    },
  ]
}

async function startBareServer(bytes: number): Promise<{ readonly host: string; stop(): void }> {
  const port = await freePort()
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'server', 'bare-server.ts'), String(port), String(bytes)],
    { stdio: 'ignore', timeout: 3_600_000 },
  )
  return { host: `127.0.0.1:${port}`, stop: () => child.kill() }
}
