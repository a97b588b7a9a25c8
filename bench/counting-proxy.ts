import { createServer, request, type Server } from 'node:http'
import { once } from 'node:events'

/** What went through a {@link CountingProxy} since it was last asked. */
export interface Traffic {
  readonly requests: number
  /** Bytes of answers to GET of blobs and of bodies sent to uploads. */
  readonly blobBytes: number
}

/** A proxy in front of one registry that counts what is asked of it. */
export interface CountingProxy extends AsyncDisposable {
  readonly host: string
  /** Gives the counts and starts again from nothing. */
  take(): Traffic
}

/**
 * Starts a {@link CountingProxy} on a free port of the loopback; it hands requests on as they are, `Host` included.
 *
 * @param delay milliseconds that are added to each answer
 */
export async function startCountingProxy(registry: string, delay = 0): Promise<CountingProxy> {
  let requests = 0
  let blobBytes = 0
  const server = createServer((incoming, answer) => {
    requests++
    const isBlob = incoming.url?.includes('/blobs/') === true
    const count = (chunk: Uint8Array): void => {
      if (isBlob) blobBytes += chunk.length
    }
    const [hostname, port] = registry.split(':')
    const outgoing = request(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (received) => {
        const answerNow = (): void => {
          answer.writeHead(received.statusCode ?? 502, received.headers)
          received.on('data', count)
          received.pipe(answer)
        }
        if (delay > 0) setTimeout(answerNow, delay)
        else answerNow()
      },
    )
    outgoing.on('error', () => answer.destroy())
    incoming.on('data', count)
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${portOf(server)}`,
    take() {
      const traffic = { requests, blobBytes }
      requests = 0
      blobBytes = 0
      return traffic
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on no port')
  return address.port
}
