import { createServer } from 'node:http'
import type { FixtureImage } from '../fixtures/build-image.ts'

/** A registry that sends the first half of a layer, and then nothing more. */
export interface StallingRegistry extends AsyncDisposable {
  /** `127.0.0.1:1234`, as it stands in image names. */
  readonly host: string
  /** When half of a layer was sent. */
  readonly stalled: Promise<void>
}

/** Starts a {@link StallingRegistry} that has one image, under every name and tag. */
export async function startStallingRegistry(image: FixtureImage): Promise<StallingRegistry> {
  const { promise: stalled, resolve: stall } = Promise.withResolvers<void>()
  const layers = new Set<string>(image.layers.map(({ digest }) => digest))
  const server = createServer((request, response) => {
    const { method, url = '' } = request
    const name = url.slice(url.lastIndexOf('/') + 1)
    const isManifest = url.includes('/manifests/')
    const found = image.contents.find(({ descriptor }) => descriptor.digest === name)
    const { descriptor, bytes } =
      found ?? (isManifest ? image : { descriptor: undefined, bytes: Buffer.of() })
    if (descriptor === undefined) {
      response.writeHead(url === '/v2/' ? 200 : 404).end()
      return
    }
    response.writeHead(200, {
      'content-type': isManifest ? descriptor.mediaType : 'application/octet-stream',
      'content-length': bytes.length,
      'docker-content-digest': descriptor.digest,
    })
    if (method === 'HEAD' || !layers.has(descriptor.digest)) response.end(method === 'HEAD' ? '' : bytes)
    else response.write(bytes.subarray(0, bytes.length / 2), () => stall())
  })
  const { promise: listening, resolve: listens } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listens)
  await listening
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    host: `127.0.0.1:${address.port}`,
    stalled,
    [Symbol.asyncDispose]: async () => {
      const { promise: closed, resolve: close } = Promise.withResolvers<void>()
      server.close(() => close())
      server.closeAllConnections()
      await closed
    },
  }
}
