import type { Server } from 'node:net'
import type { ListenAddress } from '../server-options.ts'
import { ListenError } from './listen-error.ts'
import { formatListenAddress } from './parse-listen-address.ts'

/** Servers that listen, all of them on one port. */
export interface BoundListeners<S extends Server> {
  readonly servers: readonly S[]
  readonly port: number
}

/** A free port on one loopback address may be taken on the other; so many are tried. */
const freePortTries = 10

/**
 * Opens a server on each address that `address` stands for. `localhost` is 127.0.0.1 and ::1, whatever the machine's
 * own files say of it: clients try either first, and would reach another program on the one that is left out.
 *
 * @param create makes a server that does not listen yet
 * @throws {ListenError}
 */
export async function bindListeners<S extends Server>(
  address: ListenAddress,
  create: () => S,
): Promise<BoundListeners<S>> {
  const first = await bindOne({ ...address, host: addressesOf(address)[0] }, create)
  const port = portOf(first)
  const [, second] = addressesOf(address)
  if (second === undefined) return { servers: [first], port }
  try {
    return { servers: [first, await bindOne({ host: second, port }, create)], port }
  } catch (error) {
    // A machine without IPv6 has no ::1 to listen on.
    if (error instanceof ListenError && isMissingAddress(error.cause)) return { servers: [first], port }
    await closed(first)
    if (address.port === 0 && error instanceof ListenError && error.code === 'LISTEN_TAKEN') {
      return retryFreePort(address, create, error)
    }
    throw error
  }
}

async function retryFreePort<S extends Server>(
  address: ListenAddress,
  create: () => S,
  last: ListenError,
): Promise<BoundListeners<S>> {
  for (let tries = 1; tries < freePortTries; tries += 1) {
    const first = await bindOne({ host: '127.0.0.1', port: 0 }, create)
    const port = portOf(first)
    try {
      return { servers: [first, await bindOne({ host: '::1', port }, create)], port }
    } catch (error) {
      await closed(first)
      if (!(error instanceof ListenError) || error.code !== 'LISTEN_TAKEN') throw error
    }
  }
  throw last
}

function addressesOf({ host }: ListenAddress): readonly [string, string?] {
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
}

async function bindOne<S extends Server>(address: ListenAddress, create: () => S): Promise<S> {
  const server = create()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ host: address.host, port: address.port }, resolve)
  try {
    await promise
  } catch (error) {
    throw asListenError(address, error)
  } finally {
    server.off('error', reject)
  }
  return server
}

function asListenError(address: ListenAddress, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const place = formatListenAddress(address)
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError('LISTEN_TAKEN', `Cannot listen on ${place}: another program does already`, {
        cause: error,
      })
    case 'EACCES':
      return new ListenError('LISTEN_FAILED', `Cannot listen on ${place}: the system does not allow it`, {
        hint: 'Ports below 1024 need a privilege; 5000 does not.',
        cause: error,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError('LISTEN_FAILED', `Cannot listen on ${place}: this machine has no such address`, {
        hint: 'localhost:5000 for this machine alone, 0.0.0.0:5000 or [::]:5000 for all of its addresses',
        cause: error,
      })
    default:
      return new ListenError('LISTEN_FAILED', `Cannot listen on ${place}: ${error.message}`, { cause: error })
  }
}

function isMissingAddress(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')
  )
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen')
  return address.port
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  await promise
}
