import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import type { Exchange } from './exchange.ts'
import type { RequestRecord } from './request-record.ts'
import { trafficSince } from './socket-tally.ts'

/** What {@link watchExchange} tells. */
export interface ExchangeWatchers {
  readonly write: (record: RequestRecord) => void
  readonly metrics: HttpMetrics
  /** Called when an answer is closed. */
  readonly onEnd: () => void
}

/** Paths are cut there: a log line stays a line. */
const longestPath = 512

/**
 * Writes one line to the log and counts once when an answer is closed, whole or not. Of the request's target only
 * the path is written: a query may carry what is secret.
 */
export function watchExchange(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  { write, metrics, onEnd }: ExchangeWatchers,
): void {
  const started = performance.now()
  // Of a connection that is closed nothing can be asked any more.
  const { socket } = request
  metrics.begin()
  response.on('close', () => {
    onEnd()
    exchange.close()
    const milliseconds = performance.now() - started
    const { received, sent } = trafficSince(socket)
    const status = response.statusCode
    const whole = response.writableFinished
    const method = request.method ?? ''
    const { route } = exchange
    metrics.end({ route, method, status, seconds: milliseconds / 1000, received, sent })
    write({
      id: exchange.id,
      method,
      path: pathOf(request.url ?? ''),
      route,
      repository: exchange.repository,
      status: whole ? status : undefined,
      received,
      sent,
      ms: Math.round(milliseconds * 10) / 10,
      user: exchange.user,
      client: exchange.client,
      msg: whole ? 'request' : 'request broken off',
    })
  })
}

function pathOf(target: string): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
}
