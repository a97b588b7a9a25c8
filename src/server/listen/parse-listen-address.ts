import { isIPv6 } from 'node:net'
import { UsageError } from '../../errors/index.ts'
import type { ListenAddress } from '../server-options.ts'

/** Where a server listens unless it is told otherwise. */
export const defaultListenAddress: ListenAddress = { host: 'localhost', port: 5000 }

const hostName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i

/**
 * Reads where to listen: `localhost:5000`, `0.0.0.0:5000`, `[::]:5000`, `:5000` (every address of this machine),
 * `5000` (this machine alone). Port 0 stands for a free one.
 *
 * @throws {UsageError}
 */
export function parseListenAddress(text: string): ListenAddress {
  const { host, port } = /^(?:(?<host>[^:[\]]*|\[[^[\]]*\]):)?(?<port>\d{1,5})$/.exec(text)?.groups ?? {}
  const number = Number(port ?? Number.NaN)
  const name = hostOf(host)
  if (name === undefined || !(number <= 65_535)) {
    throw new UsageError(`Cannot listen on ${JSON.stringify(text)}: that is no HOST:PORT`, {
      hint: 'localhost:5000, 0.0.0.0:5000, [::1]:5000 or :5000',
    })
  }
  return { host: name, port: number }
}

/** Writes it as it stands in a URL, brackets around IPv6. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

function hostOf(text: string | undefined): string | undefined {
  if (text === undefined) return defaultListenAddress.host
  if (text === '' || text === '*') return '::'
  if (text.startsWith('[')) {
    const inner = text.slice(1, -1)
    return isIPv6(inner) ? inner : undefined
  }
  return hostName.test(text) ? text.toLowerCase() : undefined
}
