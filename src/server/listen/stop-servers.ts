import type { Server } from 'node:http'

/** Options of {@link stopServers}. */
export interface StopOptions {
  /** How long what runs may take to finish, in milliseconds; then its connections are cut. */
  readonly withinMs: number
}

/** Connections that became idle are closed so often, in milliseconds. */
const idleEveryMs = 50

/**
 * Takes no new connections, lets requests that run finish, and closes everything. Gives whether all of them finished.
 */
export async function stopServers(servers: readonly Server[], { withinMs }: StopOptions): Promise<boolean> {
  let finished = true
  const timer = setTimeout(() => {
    finished = false
    for (const server of servers) server.closeAllConnections()
  }, withinMs)
  try {
    await Promise.all(servers.map(stopServer))
  } finally {
    clearTimeout(timer)
  }
  return finished
}

async function stopServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeIdleConnections()
  // A connection whose request was answered meanwhile would wait for another one.
  const timer = setInterval(() => server.closeIdleConnections(), idleEveryMs)
  try {
    await promise
  } finally {
    clearInterval(timer)
  }
}
