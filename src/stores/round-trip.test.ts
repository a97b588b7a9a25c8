import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyImages, fetchBytes, type Source, type Target } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { buildArtifact, buildImage, buildIndex } from '../../test/fixtures/build-image.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import {
  createDockerArchive,
  createDockerDaemonTarget,
  createMemoryStore,
  createOciArchive,
  openDockerArchive,
  openDockerDaemon,
  openLayout,
  openOciArchive,
} from './index.ts'

const name = 'demo:1'
const index = buildIndex([
  buildImage({ layers: [{ a: '1' }, { files: { b: '2' }, compression: 'zstd' }] }),
  buildImage({
    layers: [{ a: '1' }, { files: { c: new Uint8Array(600_000) }, compression: 'none' }],
    platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
  }),
])
const sbom = buildArtifact({ subject: index.descriptor })

let scratch: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lading-round-trip-'))
})

afterEach(async () => {
  await rm(scratch, { recursive: true })
})

describe('an index with two platforms and an SBOM', () => {
  test('goes through every kind of place and comes out byte for byte', async () => {
    const first = createMemoryStore()
    await pushImage(first, index, name)
    await pushImage(first, sbom)

    const layout = await openLayout(join(scratch, 'layout'), { create: true })
    await copy(first, layout)

    const ociPath = join(scratch, 'oci.tar.zst')
    await using oci = createOciArchive(ociPath, { compression: 'zstd' })
    await copy(layout, oci)
    await oci.commit()
    await using fromOci = await openOciArchive(ociPath)

    const pipe = new PassThrough()
    const piped = buffer(pipe)
    await using docker = createDockerArchive(pipe)
    await copy(fromOci, docker)
    await docker.commit()
    pipe.end()
    await using fromDocker = await openDockerArchive(Readable.from([await piped], { objectMode: false }))

    await using daemon = await startDaemon(join(scratch, 'docker.sock'))
    await using loading = createDockerDaemonTarget({ host: daemon.host })
    await copy(fromDocker, loading)
    await loading.commit()
    await using fromDaemon = await openDockerDaemon({ host: daemon.host })

    const last = createMemoryStore()
    await copy(fromDaemon, last)
    expect(await last.resolve(name)).toMatchObject({ digest: index.descriptor.digest })
    expect(await last.referrers(index.descriptor.digest)).toEqual([sbom.descriptor])
    for (const { descriptor, bytes } of [...index.contents, ...sbom.contents]) {
      expect((await fetchBytes(last, descriptor)).equals(bytes)).toBe(true)
    }
  })

  test('gives the same archive wherever it came from', async () => {
    const memory = createMemoryStore()
    await pushImage(memory, index, name)
    const layout = await openLayout(join(scratch, 'layout'), { create: true })
    await copy(memory, layout)
    const written: Buffer[] = []
    for (const source of [memory, layout]) {
      const path = join(scratch, `${written.length}.tar`)
      await using archive = createDockerArchive(path)
      await copy(source, archive)
      await archive.commit()
      written.push(await readFile(path))
    }
    expect(written[0]?.equals(written[1] ?? Buffer.alloc(0))).toBe(true)
  })
})

async function copy(source: Source, target: Target): Promise<Descriptor | undefined> {
  const { results } = await copyImages([{ source, name, target, as: [name] }])
  const [result] = results
  if (result?.ok === false) throw result.error
  return result?.root
}

/** A daemon that keeps the last archive that was loaded, and exports it under every name. */
async function startDaemon(socketPath: string): Promise<AsyncDisposable & { readonly host: string }> {
  const kept = join(scratch, 'loaded.tar')
  const answer = async (request: IncomingMessage): Promise<string | Buffer> => {
    if (request.url?.endsWith('/get') === true) return readFile(kept)
    if (request.method !== 'POST') return '{"ApiVersion":"1.51"}'
    await writeFile(kept, await buffer(request))
    return '{"stream":"Loaded image: demo:1\\n"}\n'
  }
  const server = createServer((request, response) => {
    answer(request).then(
      (body) => response.end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    host: `unix://${socketPath}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
