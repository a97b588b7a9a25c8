import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** A request that is over. */
export interface EndedRequest {
  /** One of the few kinds of endpoint: a label's values are kept for ever. */
  readonly route: string
  readonly method: string
  readonly status: number
  readonly seconds: number
  /** Bytes on the wire, headers included. */
  readonly received: number
  readonly sent: number
}

/** Counts requests. */
export interface HttpMetrics {
  begin(): void
  end(request: EndedRequest): void
}

const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

/** Registers what is counted of requests. */
export function createHttpMetrics(registry: Registry): HttpMetrics {
  const registers = [registry]
  const requests = new Counter({
    name: 'lading_http_requests_total',
    help: 'Requests that were answered, or broken off.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'lading_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300],
    registers,
  })
  const received = new Counter({
    name: 'lading_http_received_bytes_total',
    help: 'Bytes of requests, headers included.',
    labelNames: ['route'],
    registers,
  })
  const sent = new Counter({
    name: 'lading_http_sent_bytes_total',
    help: 'Bytes of answers, headers included.',
    labelNames: ['route'],
    registers,
  })
  const running = new Gauge({
    name: 'lading_http_requests_running',
    help: 'Requests that are being answered.',
    registers,
  })
  const ofRoute = remembered((route) => ({
    duration: duration.labels(route),
    received: received.labels(route),
    sent: sent.labels(route),
    ofMethod: remembered((method) => remembered((status) => requests.labels(route, method, status))),
  }))
  return {
    begin: () => running.inc(),
    end({ route, method, status, seconds, received: bytesIn, sent: bytesOut }) {
      running.dec()
      const series = ofRoute(route)
      series
        .ofMethod(knownMethods.has(method) ? method : 'other')(String(status))
        .inc()
      series.duration.observe(seconds)
      series.received.inc(bytesIn)
      series.sent.inc(bytesOut)
    },
  }
}

/** Makes what belongs to a label's value once: finding a series by its labels costs more than counting. */
function remembered<Made>(make: (value: string) => Made): (value: string) => Made {
  const made = new Map<string, Made>()
  return (value) => {
    const there = made.get(value)
    if (there !== undefined) return there
    const fresh = make(value)
    made.set(value, fresh)
    return fresh
  }
}
