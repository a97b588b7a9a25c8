import { createGate } from './auth/create-gate.ts'
import type { Gate } from './auth/gate.ts'
import { createCollector } from './collect/create-collector.ts'
import { composeHandlers } from './compose-handlers.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { clientAddress } from './limits/client-address.ts'
import { logDecision } from './log/log-decision.ts'
import { createExchanges, type Exchanges } from './log/create-exchanges.ts'
import { silentLog } from './log/silent-log.ts'
import { countUploads } from './metrics/count-uploads.ts'
import { createMetrics, type ServerMetrics } from './metrics/create-metrics.ts'
import type { ServerOptions } from './server-options.ts'
import { openStorage } from './storage/open-storage.ts'

/** What a server is made of, but for the sockets that it listens on. */
export interface ServerParts {
  readonly gate: Gate
  readonly metrics: ServerMetrics
  readonly exchanges: Exchanges
  readonly dispatch: Dispatch
  /** To be called when the server has the time: begins what the first push would wait for. */
  warmUp(): void
  /** To be called when no request runs any more. */
  close(): Promise<void>
}

/** Options of {@link openParts}. */
export interface OpenPartsOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Whether the server is about to stop. */
  readonly isStopping: () => boolean
}

/** Opens the storage and what works on it. @throws {LadingError} the data or the file of users cannot be used. */
export async function openParts(
  options: ServerOptions,
  { now, isStopping }: OpenPartsOptions,
): Promise<ServerParts> {
  const { log = silentLog(), behindTlsProxy = false, access, collection } = options
  await using opening = new AsyncDisposableStack()
  const metrics = createMetrics()
  const opened = await openStorage(options.dataDirectory, {
    now,
    gracePeriodSeconds: collection?.gracePeriodSeconds,
    onOperation: metrics.observeStore,
  })
  opening.defer(() => opened.close())
  const { records, blobs, processId } = opened
  metrics.watch({
    name: 'lading_uploads',
    help: 'Uploads of blobs that have begun and not ended; counted up to 10000.',
    count: () => countUploads(records),
  })
  const gate = await createGate({
    ...options,
    ...access,
    tls: options.tls !== undefined,
    records,
    now,
    log,
    onDecision: (decision) => logDecision(log, decision),
  })
  opening.defer(() => gate.close())

  const collector = createCollector({
    records,
    blobs,
    processId,
    now,
    log,
    options: collection,
    onStep: metrics.observeCollection,
  })
  collector.start()
  opening.defer(() => collector.stop())

  const handlers = await composeHandlers(options, { opened, gate, metrics, now, isStopping })
  const exchanges = createExchanges({
    log,
    metrics: metrics.http,
    trustsIds: behindTlsProxy,
    clientAddress: (request) => clientAddress(request, behindTlsProxy),
  })
  const parts = opening.move()
  return {
    gate,
    metrics,
    exchanges,
    dispatch: createDispatch(handlers),
    warmUp: () => blobs.warmUp(),
    close: () => parts.disposeAsync(),
  }
}
