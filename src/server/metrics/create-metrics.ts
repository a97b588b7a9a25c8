import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { createHttpMetrics, type HttpMetrics } from './http-metrics.ts'

/** What {@link createMetrics} asks when its text is asked for. */
export interface MetricsSources {
  /** Connections that are open. */
  connections(): Promise<number>
  /** Uploads that have begun and not ended. */
  uploads(): Promise<number>
}

/** An operation of a store that is over. */
export interface StoreOperation {
  readonly store: 'records' | 'blobs'
  readonly operation: string
  readonly seconds: number
  readonly ok: boolean
}

/** The server's metrics. */
export interface ServerMetrics {
  readonly registry: Registry
  readonly http: HttpMetrics
  observeStore(operation: StoreOperation): void
  /** All of them in the text format of Prometheus. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Makes the server's metrics. No label holds the name of a repository, a user or a client: their number has no bound. */
export function createMetrics(sources: MetricsSources): ServerMetrics {
  const registry = new Registry()
  // The default of 10 ms would wake an idle server a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  const registers = [registry]
  const store = new Histogram({
    name: 'lading_store_operation_duration_seconds',
    help: 'What the stores of records and of blobs took.',
    labelNames: ['store', 'operation', 'outcome'],
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10, 60],
    registers,
  })
  for (const gauge of [
    new Gauge({
      name: 'lading_http_connections',
      help: 'Connections that are open.',
      registers: [],
      async collect() {
        this.set(await sources.connections())
      },
    }),
    new Gauge({
      name: 'lading_uploads',
      help: 'Uploads of blobs that have begun and not ended.',
      registers: [],
      async collect() {
        this.set(await sources.uploads())
      },
    }),
  ]) {
    registry.registerMetric(gauge)
  }
  return {
    registry,
    http: createHttpMetrics(registry),
    observeStore: ({ store: name, operation, seconds, ok }) =>
      store.observe({ store: name, operation, outcome: ok ? 'ok' : 'failed' }, seconds),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
