import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { OperationListener } from '../storage/measure-operations.ts'
import type { CollectOutcome } from '../collect/collect-outcome.ts'
import { createCollectionMetrics } from './collection-metrics.ts'
import { createHttpMetrics, type HttpMetrics } from './http-metrics.ts'

/** Something that is counted when the metrics are asked for. */
export interface Counted {
  /** As Prometheus has it: `lading_http_connections`. */
  readonly name: string
  readonly help: string
  readonly count: () => Promise<number>
}

/** The server's metrics. */
export interface ServerMetrics {
  readonly registry: Registry
  readonly http: HttpMetrics
  readonly observeStore: OperationListener
  readonly observeCollection: (outcome: CollectOutcome) => void
  /** Has something counted whenever the metrics are asked for. */
  watch(counted: Counted): void
  /** All of them in the text format of Prometheus. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Makes the server's metrics. No label holds the name of a repository, a user or a client: their number has no bound. */
export function createMetrics(): ServerMetrics {
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
  return {
    registry,
    http: createHttpMetrics(registry),
    observeStore: ({ store: name, operation, seconds, ok }) =>
      store.observe({ store: name, operation, outcome: ok ? 'ok' : 'failed' }, seconds),
    observeCollection: createCollectionMetrics(registry),
    watch({ name, help, count }) {
      registry.registerMetric(
        new Gauge({
          name,
          help,
          registers: [],
          async collect() {
            this.set(await count())
          },
        }),
      )
    },
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
