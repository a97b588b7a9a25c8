import type { RecordStore, StoredRecord } from '../storage/records/record-store.ts'
import { encodeFields, RecordFields } from '../storage/registry/record-fields.ts'

const key = 'collector/lease'

/** How long a lease is good for after it was renewed, milliseconds. */
const leaseMs = 5 * 60_000

/** What a lease is made of. */
export interface LeaseOptions {
  readonly records: RecordStore
  /** The time, milliseconds since the epoch. */
  readonly now: () => number
  /** Who holds it. */
  readonly processId: string
}

/**
 * Sees to it that of several processes one collects. It spares work and no more: two that collect at once, because one
 * stood still for longer than its lease or a clock is wrong, do nothing wrong.
 */
export class CollectorLease {
  readonly #options: LeaseOptions

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Takes or renews the lease. @returns whether this process has it. */
  async hold(): Promise<boolean> {
    const { records, now, processId } = this.#options
    const stored = await records.get(key)
    const time = now()
    const lease = stored === undefined ? undefined : read(stored)
    // One that lies further ahead than a lease goes was written by a clock that is not ours.
    const isGood = lease !== undefined && lease.until > time && lease.until <= time + 2 * leaseMs
    const isOurs = lease?.owner === processId
    if (isGood && !isOurs) return false
    if (isGood && lease.until - time > leaseMs / 2) return true
    const value = encodeFields({ owner: processId, until: time + leaseMs })
    const change = { kind: 'put', key, value, expected: stored?.version ?? null } as const
    return (await records.write([change], { durable: false })).done
  }

  /** Lets another process collect at once. */
  async release(): Promise<void> {
    const { records, processId } = this.#options
    const stored = await records.get(key)
    if (stored === undefined || read(stored)?.owner !== processId) return
    await records.write([{ kind: 'delete', key, expected: stored.version }], { durable: false })
  }
}

interface Lease {
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** Undefined for what cannot be read, which is nobody's. */
function read(stored: StoredRecord): Lease | undefined {
  try {
    const fields = RecordFields.parse(stored.key, stored.value)
    return { owner: fields.text('owner'), until: fields.count('until') }
  } catch {
    return undefined
  }
}
