import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { peer } from '../../test/interop/peer.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import type { Row } from '../report.ts'
import { compareSeries, type RatioBound } from '../server/compare-rates.ts'
import { startContestants } from '../server/contestants.ts'
import { fillCatalog, fillTags, smallImage } from '../server/fill.ts'
import { freePort } from '../server/free-port.ts'
import { runWrk, type WrkRequest } from '../server/wrk.ts'

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
      const head = join(folder, 'head.lua')
      await writeFile(head, 'wrk.method = "HEAD"\n')
      const rows: Row[] = []
      for (const work of works(image.descriptor.digest, image.contents[0]?.descriptor.digest ?? '', head)) {
        say(work.name)
        const hosts = [
          lading,
          ...peers,
          ...(work.bare === undefined ? [] : [{ name: 'bare node:http', host: bare.host }]),
        ]
        const series = hosts.map(({ name }) => ({ name, figures: [] as number[] }))
        for (let round = 0; round < Math.min(rounds, 7); round++) {
          for (const [index, { host }] of hosts.entries()) {
            const { requestsPerSecond } = await runWrk(peer('wrk'), {
              ...work.request,
              url: `http://${host}${work.path}`,
              connections: 8,
              seconds: 2,
            })
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

interface Work {
  readonly name: string
  readonly path: string
  readonly request?: Pick<WrkRequest, 'headers' | 'script'>
  readonly goal: RatioBound
  readonly bare?: RatioBound
}

function works(manifest: string, blob: string, headScript: string): readonly Work[] {
  const request = { headers: { Accept: 'application/vnd.oci.image.manifest.v1+json' } }
  return [
    {
      name: 'GET manifest by tag',
      path: '/v2/bench/small/manifests/latest',
      request,
      goal: { atLeast: 3 },
      bare: { atLeast: 0.6 },
    },
    {
      name: 'GET manifest by digest',
      path: `/v2/bench/small/manifests/${manifest}`,
      request,
      goal: { atLeast: 3 },
      bare: { atLeast: 0.6 },
    },
    {
      name: 'HEAD blob',
      path: `/v2/bench/small/blobs/${blob}`,
      request: { script: headScript },
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
