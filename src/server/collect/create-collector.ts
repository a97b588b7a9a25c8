import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { CollectionOptions } from '../server-options.ts'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import { prefixes } from '../storage/registry/keys.ts'
import { type CollectOutcome, countedQueue, noCounts } from './collect-outcome.ts'
import type { CollectContext } from './collect-context.ts'
import { collectQueue } from './collect-queue.ts'
import { collectionTimes } from './collection-times.ts'
import { CollectorLease } from './collector-lease.ts'
import { UploadExpiry } from './expire-uploads.ts'
import { BlobSweep } from './sweep-blobs.ts'
import { RepositorySweep } from './sweep-repositories.ts'

/** What a {@link Collector} is made of. */
export interface CollectorOptions {
  readonly records: RecordStore
  readonly blobs: BlobStore
  /** The time, milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: (() => number) | undefined
  readonly options?: CollectionOptions | undefined
  /** Names this process among those that share the stores; another one after every start. */
  readonly processId: string
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'> | undefined
  /** Told of each step that is over. */
  readonly onStep?: ((outcome: CollectOutcome) => void) | undefined
}

/** Removes what nobody needs while the server runs. */
export interface Collector {
  /** Does a bounded piece of work. Rejects when a store fails; what was done stays, and the next step goes on. */
  step(): Promise<CollectOutcome>
  /** Begins rounds of steps, one each interval; does nothing when the interval is 0. */
  start(): void
  /** Ends the rounds, waits for the step that runs, and lets another process collect. */
  stop(): Promise<void>
}

/** Rounds over all files and repositories begin at most so often, milliseconds. */
const sweepIntervalMs = 60 * 60_000

/**
 * Makes a collector: the queue of what lost its last reference, uploads that lie still, files and repositories that
 * belong to nothing. Never a scan of manifests or blobs: the work is as long as the queue. Every removal is a
 * conditional write, so that the server and other collectors may work at the same time.
 */
export function createCollector(given: CollectorOptions): Collector {
  const { records, blobs, processId, log, onStep, now = Date.now } = given
  const times = collectionTimes(given.options ?? {})
  const lease = new CollectorLease({ records, now, processId })
  const uploads = new UploadExpiry()
  const sweeps = [new BlobSweep(), new RepositorySweep()]
  let sweptAt: number | undefined
  /** How many of the sweeps have yet to end their rounds. */
  let sweepsLeft = 0
  let running: { readonly end: AbortController; readonly ended: Promise<void> } | undefined

  async function step(): Promise<CollectOutcome> {
    const startedAt = now()
    const counts = noCounts()
    const collected = await lease.hold()
    const more = collected && (await work({ records, blobs, now, times, log, counts }))
    const queue = collected
      ? await records.listKeys({ prefix: prefixes.all('queue'), limit: countedQueue })
      : []
    const outcome = {
      collected,
      more,
      counts,
      queue: queue.length,
      seconds: Math.max(0, now() - startedAt) / 1000,
    }
    onStep?.(outcome)
    return outcome
  }

  async function work(context: CollectContext): Promise<boolean> {
    const hasEntries = await collectQueue(context)
    const hasUploads = await uploads.step(context)
    const hasFiles = await sweep(context)
    return hasEntries || hasUploads || hasFiles
  }

  async function sweep(context: CollectContext): Promise<boolean> {
    if (sweepsLeft === 0) {
      if (sweptAt !== undefined && Math.abs(now() - sweptAt) < sweepIntervalMs) return false
      sweptAt = now()
      sweepsLeft = sweeps.length
    }
    const goesOn = await sweeps.at(-sweepsLeft)?.step(context)
    if (goesOn !== true) sweepsLeft -= 1
    return sweepsLeft > 0
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await round(signal)
      await setTimeout(times.intervalMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  async function round(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && (await step()).more) await setImmediate()
    } catch (error) {
      log?.error({ err: error }, 'a collection failed and is tried again')
    }
  }

  return {
    step,
    start() {
      if (running !== undefined || times.intervalMs <= 0) return
      const end = new AbortController()
      running = { end, ended: run(end.signal) }
    },
    async stop() {
      if (running === undefined) return
      const { end, ended } = running
      running = undefined
      end.abort()
      await ended
      await lease.release()
    },
  }
}
