import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import { infoWriter } from './create-log.ts'
import { Exchange } from './exchange.ts'
import { setRequestId } from './request-id-header.ts'
import { requestIds } from './request-ids.ts'
import { type RequestRecord, requestMembers } from './request-record.ts'
import { watchExchange } from './watch-exchange.ts'

/** Options of {@link createExchanges}. */
export interface ExchangesOptions {
  readonly log: Logger
  readonly metrics: HttpMetrics
  /** Whether the id that a request brings is the trusted proxy's. */
  readonly trustsIds: boolean
  readonly clientAddress: (request: IncomingMessage) => string
}

/** The requests that run. */
export interface Exchanges {
  readonly running: number
  /** Gives a request its id, in `X-Request-Id` too, and sees to it that it is logged and counted when it is over. */
  begin(request: IncomingMessage, response: ServerResponse): Exchange
}

/** Makes what knows all requests that run. */
export function createExchanges({ log, metrics, trustsIds, clientAddress }: ExchangesOptions): Exchanges {
  const idFor = requestIds(trustsIds)
  let running = 0
  const onEnd = (): void => {
    running -= 1
  }
  const watchers = { write: recordWriter(log), metrics, onEnd }
  return {
    get running() {
      return running
    },
    begin(request, response) {
      const id = idFor(request.headers['x-request-id'])
      setRequestId(response, id)
      const exchange = new Exchange({ id, client: clientAddress(request), log, request, response })
      running += 1
      watchExchange(exchange, request, response, watchers)
      return exchange
    },
  }
}

function recordWriter(log: Logger): (record: RequestRecord) => void {
  const write = infoWriter(log)
  return (record) => {
    if (!log.isLevelEnabled('info')) return
    if (write === undefined) log.info(record)
    else write(requestMembers(record))
  }
}
