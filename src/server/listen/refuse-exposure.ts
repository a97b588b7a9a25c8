import { isLoopbackAddress } from '../../http/index.ts'
import type { ListenAddress, ServerOptions } from '../server-options.ts'
import { ListenError } from './listen-error.ts'
import { formatListenAddress } from './parse-listen-address.ts'

/** Says whether only this machine can reach what listens there. A name that is not `localhost` may lead anywhere. */
export function isLoopbackListen({ host }: ListenAddress): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host)
}

/**
 * Refuses to listen where others on the network could read passwords and change images on their way.
 *
 * @throws {ListenError} LISTEN_EXPOSED
 */
export function refuseExposure(
  address: ListenAddress,
  { tls, behindTlsProxy, insecure }: Pick<ServerOptions, 'tls' | 'behindTlsProxy' | 'insecure'>,
): void {
  if (isLoopbackListen(address) || tls !== undefined || behindTlsProxy === true || insecure === true) return
  throw new ListenError(
    'LISTEN_EXPOSED',
    `Cannot listen on ${formatListenAddress(address)}: without TLS, whoever is in between reads passwords and changes images`,
    {
      hint: 'give --tls-cert FILE --tls-key FILE; or --behind-tls-proxy where a proxy in front speaks https; or --insecure where the network is trusted. In a container one of them is needed.',
    },
  )
}
