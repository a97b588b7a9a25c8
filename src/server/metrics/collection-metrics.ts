import { Counter, Gauge, type Registry } from 'prom-client'
import type { CollectCounts, CollectOutcome } from '../collect/collect-outcome.ts'

/** The kinds of things that a collection removes, each a value of the label `kind`. */
const kinds: readonly Exclude<keyof CollectCounts, 'bytes'>[] = [
  'manifests',
  'blobs',
  'contents',
  'uploads',
  'orphans',
  'repositories',
]

/** Registers what is counted of collections, and gives what is to be told of each step. */
export function createCollectionMetrics(registry: Registry): (outcome: CollectOutcome) => void {
  const registers = [registry]
  const steps = new Counter({
    name: 'lading_collection_steps_total',
    help: 'Steps of the collection of what nobody needs.',
    registers,
  })
  const seconds = new Counter({
    name: 'lading_collection_seconds_total',
    help: 'What those steps took.',
    registers,
  })
  const removed = new Counter({
    name: 'lading_collected_total',
    help: 'What was removed, by kind.',
    labelNames: ['kind'],
    registers,
  })
  const bytes = new Counter({
    name: 'lading_collected_bytes_total',
    help: 'Stored bytes that were removed.',
    registers,
  })
  const queue = new Gauge({
    name: 'lading_collection_queue',
    help: 'What waits to be looked at, due or not; a longer queue is counted up to 10000.',
    registers,
  })
  return ({ collected, counts, queue: length, seconds: took }) => {
    if (!collected) return
    steps.inc()
    seconds.inc(took)
    for (const kind of kinds) removed.inc({ kind }, counts[kind])
    bytes.inc(counts.bytes)
    queue.set(length)
  }
}
