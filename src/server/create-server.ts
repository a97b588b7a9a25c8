import { startListening } from './listen/listening.ts'
import { defaultListenAddress, formatListenAddress } from './listen/parse-listen-address.ts'
import { isLoopbackListen, refuseExposure } from './listen/refuse-exposure.ts'
import { silentLog } from './log/silent-log.ts'
import { openParts } from './open-parts.ts'
import type { RegistryServer } from './registry-server.ts'
import type { ListenAddress, ServerOptions } from './server-options.ts'

const defaultStopMs = 5 * 60_000

/** Threads take up to 250 ms of a processor to start: this long after the server listens, nobody waits for them. */
const warmUpAfterMs = 1000

/**
 * Opens the storage and starts a registry server on it.
 *
 * @throws {ListenError} the address is taken, or would show passwords to others.
 * @throws {LadingError} the data, the certificate or the file of users cannot be used.
 */
export async function createRegistryServer(options: ServerOptions): Promise<RegistryServer> {
  const { listen = defaultListenAddress, tls, limits, log = silentLog() } = options
  refuseExposure(listen, options)
  let isStopping = false
  const parts = await openParts(options, { now: Date.now, isStopping: () => isStopping })
  await using opening = new AsyncDisposableStack()
  opening.defer(() => parts.close())
  const { gate, metrics, exchanges, dispatch } = parts
  const listening = await startListening(
    (request, response) => void dispatch(request, response, exchanges.begin(request, response)),
    { address: listen, tls, maxConnections: limits?.maxConnections, log },
  )
  opening.move()
  const warmUp = setTimeout(() => parts.warmUp(), warmUpAfterMs).unref()
  metrics.watch({
    name: 'lading_http_connections',
    help: 'Connections that are open.',
    count: () => listening.connections(),
  })

  const host = formatListenAddress({ host: nameOf(listen), port: listening.port })
  const url = `${tls === undefined ? 'http' : 'https'}://${host}`
  const reach = isLoopbackListen(listen) ? 'machine' : 'network'
  log.info({ url, open: gate.isOpen }, 'listening')
  if (gate.isOpen && reach === 'network') {
    log.warn(
      'everybody who can reach this registry may pull, push and delete: no users and no rules were given',
    )
  }
  let closed: Promise<boolean> | undefined
  return {
    url,
    host,
    reach,
    isOpen: gate.isOpen,
    get running() {
      return exchanges.running
    },
    renewCertificate: () => listening.renewCertificate(),
    close: ({ withinMs = defaultStopMs } = {}) => (closed ??= close(withinMs)),
    async [Symbol.asyncDispose]() {
      await (closed ??= close(0))
    },
  }

  async function close(withinMs: number): Promise<boolean> {
    isStopping = true
    clearTimeout(warmUp)
    log.info({ running: exchanges.running }, 'stopping')
    const finished = await listening.stop(withinMs)
    await parts.close()
    log.info({ finished }, 'stopped')
    return finished
  }
}

/** What a client on this machine types for an address. */
function nameOf({ host }: ListenAddress): string {
  return host === '::' || host === '0.0.0.0' ? 'localhost' : host
}
