import type { OperationOptions } from '../../content/index.ts'
import type { MadeSignature, SignedContent, Witnesses } from './types.ts'

/** What the witnesses gave, in their order. */
export interface Testimony {
  /** Entries of logs, as a bundle holds them. */
  readonly entries: readonly unknown[]
  /** TimeStampResp in DER. */
  readonly timestamps: readonly Uint8Array[]
}

/**
 * Has the witnesses see a signature: those who tell the time first, since what a log was given stays in it, whatever
 * fails after. When one fails, the others are told to stop, and waited for.
 */
export async function witnessSignature(
  content: SignedContent,
  made: MadeSignature,
  { logs, timestampAuthorities }: Witnesses,
  options: OperationOptions,
): Promise<Testimony> {
  const timestamps = await allOrNone(timestampAuthorities, options, (authority, within) =>
    authority.timestamp(made.signature, within),
  )
  const entries = await allOrNone(logs, options, (log, within) => log.witness(content, made, within))
  return { entries, timestamps }
}

async function allOrNone<Item, Result>(
  items: readonly Item[],
  { signal }: OperationOptions,
  ask: (item: Item, options: OperationOptions) => Promise<Result>,
): Promise<readonly Result[]> {
  signal?.throwIfAborted()
  const failed = new AbortController()
  const within = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const asked = items.map(async (item) => {
    try {
      return await ask(item, { signal: within })
    } catch (error) {
      // The first reason stays: an aborted signal is not aborted again.
      failed.abort(error)
      throw error
    }
  })
  await Promise.allSettled(asked)
  signal?.throwIfAborted()
  failed.signal.throwIfAborted()
  return Promise.all(asked)
}
