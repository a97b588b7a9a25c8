import type { CollectionTimes } from './collection-times.ts'

/** What is known of something in the queue. */
export interface Facts {
  /** Whether somebody refers to it; a time: perhaps, and by then (milliseconds since the epoch) it will be clear. */
  readonly needed: boolean | number
  /** When it was last wanted, milliseconds since the epoch; undefined where that does not matter. */
  readonly since: number | undefined
  /** Since when it is condemned, milliseconds since the epoch. */
  readonly condemned: number | undefined
}

/** What becomes of it. */
export type Fate =
  /** It is needed: it leaves the queue. */
  | { readonly kind: 'keep' }
  /** It is needed and condemned: it is there again and leaves the queue. */
  | { readonly kind: 'revive' }
  | {
      readonly kind: 'wait'
      /** Milliseconds since the epoch. */ readonly until: number
    }
  /** From now on it answers as missing. */
  | { readonly kind: 'condemn' }
  | { readonly kind: 'delete' }

/**
 * Decides what becomes of something that lost its last reference: nothing goes that is referred to, that somebody
 * wanted within the grace period, or that has not answered as missing for long enough.
 */
export function decideFate(facts: Facts, times: CollectionTimes, now: number): Fate {
  const { needed, since, condemned } = facts
  if (needed === true) return { kind: condemned === undefined ? 'keep' : 'revive' }
  if (needed !== false) return { kind: 'wait', until: needed }
  if (since !== undefined && since + times.graceMs > now)
    return { kind: 'wait', until: since + times.graceMs }
  if (condemned === undefined) return { kind: 'condemn' }
  if (condemned + times.condemnedMs > now) return { kind: 'wait', until: condemned + times.condemnedMs }
  return { kind: 'delete' }
}
