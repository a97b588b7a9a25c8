import { Histogram, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client'
import type { Tally } from './tally.ts'

/** Options of {@link TalliedHistogram}. */
export interface TalliedHistogramOptions {
  readonly name: string
  readonly help: string
  /** The label whose values the tallies are for. */
  readonly label: string
  /** The tallies by the label's value, read when the metrics are asked for. */
  readonly tallies: () => Iterable<readonly [value: string, tally: Tally]>
}

type Value = MetricValueWithName<string>

/** A histogram whose numbers were counted by others. */
export class TalliedHistogram extends Histogram {
  readonly #options: TalliedHistogramOptions
  /** Has the name and the type of this one, and no values. */
  readonly #empty: Histogram

  constructor(options: TalliedHistogramOptions) {
    const { name, help, label } = options
    const configuration = { name, help, labelNames: [label], registers: [] }
    super(configuration)
    this.#empty = new Histogram(configuration)
    this.#options = options
  }

  override async get(): Promise<MetricObjectWithValues<Value>> {
    const { name, label, tallies } = this.#options
    const values = [...tallies()].flatMap(([value, tally]) => valuesOf(name, { [label]: value }, tally))
    return { ...(await this.#empty.get()), values }
  }

  /** What the registry asks for in the place of {@link get} when it writes text. */
  getForPromString(): Promise<MetricObjectWithValues<Value>> {
    return this.get()
  }
}

/** Each bucket of Prometheus counts what is in those before it too. */
function valuesOf(name: string, labels: Readonly<Record<string, string>>, tally: Tally): readonly Value[] {
  let count = 0
  const buckets = tally.counts.map((inBucket, index) => {
    count += inBucket
    return {
      metricName: `${name}_bucket`,
      labels: { le: tally.bounds[index] ?? '+Inf', ...labels },
      value: count,
    }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: tally.sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
