import { UnsupportedError } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'

/** Where a daemon listens, as node:http wants it. */
export type DaemonAddress =
  | { readonly socketPath: string }
  | { readonly hostname: string; readonly port: number }

/** Where Docker listens unless told otherwise. */
export const defaultDaemonHost = 'unix:///var/run/docker.sock'

/**
 * Reads the text of `DOCKER_HOST`: `unix:///path`, `npipe:////./pipe/name`, or `tcp://host:port`, plain and
 * therefore on this machine only.
 *
 * @throws {UsageError} when it is none of these.
 * @throws {UnsupportedError} for ssh and for other machines.
 */
export function parseDaemonAddress(host: string): DaemonAddress {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(host) ?? []
  switch (scheme) {
    case 'unix':
    case 'npipe':
      return { socketPath: rest }
    case 'tcp':
    case 'http':
      return parseTcp(host, rest)
    case 'ssh':
    case 'https':
      throw new UnsupportedError(
        `Cannot reach the daemon at ${scheme}://…: Lading does not speak ${scheme} to it`,
        {
          hint: 'Bring its socket here (ssh -L /tmp/docker.sock:/var/run/docker.sock …) and name that: unix:///tmp/docker.sock.',
        },
      )
    default:
      throw new UsageError(
        `Cannot read the daemon's address ${JSON.stringify(host.slice(0, 200))}: it names no socket`,
        {
          hint: `DOCKER_HOST reads like ${defaultDaemonHost} or tcp://127.0.0.1:2375.`,
        },
      )
  }
}

function parseTcp(host: string, rest: string): DaemonAddress {
  const url = URL.parse(`http://${rest}`)
  if (url === null || url.username !== '' || url.pathname !== '/') {
    throw new UsageError(
      `Cannot read the daemon's address ${JSON.stringify(host.slice(0, 200))}: it is not tcp://host:port`,
    )
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  if (hostname !== 'localhost' && hostname !== '::1' && !/^127(?:\.\d{1,3}){3}$/.test(hostname)) {
    throw new UnsupportedError(
      `Cannot reach the daemon at ${hostname}: images go unencrypted to this machine only`,
      {
        hint: 'Bring its socket here (ssh -L /tmp/docker.sock:/var/run/docker.sock …) and name that: unix:///tmp/docker.sock.',
      },
    )
  }
  return { hostname, port: url.port === '' ? 2375 : Number(url.port) }
}
