import type { Server } from 'node:net'

/** The connections that servers have open. */
export async function countConnections(servers: readonly Server[]): Promise<number> {
  const counts = await Promise.all(servers.map(countOne))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function countOne(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.getConnections((error, count) => {
    if (error === null) resolve(count)
    else reject(error)
  })
  return promise
}
