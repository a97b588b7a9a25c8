import { LadingError } from '../../errors/index.ts'
import type { RecordStore } from '../storage/records/record-store.ts'

/** What the server says of whether it can do its work. */
export interface Readiness {
  readonly ready: boolean
  /** For whoever looks after it; names no file. */
  readonly reason: string
}

/** Options of {@link createReadiness}. */
export interface ReadinessOptions {
  readonly records: RecordStore
  readonly isStopping: () => boolean
  /** Milliseconds. */
  readonly now: () => number
  readonly onFailure: (error: unknown) => void
}

/** Where the probe writes; every process writes the same. */
const key = 'probe/ready'

/** A store that takes longer, in milliseconds, does not answer. */
const patienceMs = 5_000

/** A verdict stands so long, in milliseconds: whoever asks a thousand times a second makes one write a second. */
const verdictStands = 1_000

/** Makes the question whether the server can work: its store answers a write and a read, and it is not about to stop. */
export function createReadiness(options: ReadinessOptions): () => Promise<Readiness> {
  const { records, isStopping, now, onFailure } = options
  let last: { readonly at: number; readonly verdict: Promise<Readiness> } | undefined
  return async () => {
    if (isStopping()) return { ready: false, reason: 'stopping' }
    if (last === undefined || now() - last.at >= verdictStands) last = { at: now(), verdict: probe() }
    return last.verdict
  }

  async function probe(): Promise<Readiness> {
    try {
      const answered = await within(patienceMs, writeAndRead(records))
      if (!answered) throw new UnreadyError()
      return { ready: true, reason: 'ok' }
    } catch (error) {
      onFailure(error)
      return { ready: false, reason: 'the store does not answer' }
    }
  }
}

class UnreadyError extends LadingError<'UNREADY'> {
  constructor() {
    super('UNREADY', 'Cannot use the store: it does not answer, or not with what was written')
  }
}

async function writeAndRead(records: RecordStore): Promise<boolean> {
  const { done } = await records.write([{ kind: 'put', key, value: new Uint8Array() }], { durable: false })
  return done && (await records.get(key)) !== undefined
}

async function within(milliseconds: number, work: Promise<boolean>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), milliseconds)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
