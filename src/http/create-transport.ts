import type { LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAddressGuard } from './address-guard.ts'
import { Connections } from './connections.ts'
import { HttpTransport } from './http-transport.ts'
import { proxyChoice } from './proxy-for-url.ts'
import type { Transport, TransportOptions } from './types.ts'

/** What a transport takes from the world around it; each has the real thing as its default. */
export interface TransportSurroundings {
  readonly lookup?: LookupFunction
  /** Waits some milliseconds; rejects when the signal is aborted. */
  readonly wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** From 0 to 1. */
  readonly random?: () => number
}

/** Makes a {@link Transport}; nothing is connected before the first request. */
export function createTransport(
  options: TransportOptions = {},
  surroundings: TransportSurroundings = {},
): Transport {
  const guard = createAddressGuard(surroundings.lookup)
  return new HttpTransport({
    guard,
    connections: new Connections({
      guard,
      proxyFor: proxyChoice(options.environment ?? {}),
      host: options.host ?? (() => Promise.resolve({})),
      connectTimeout: options.timeouts?.connect ?? 30_000,
    }),
    userAgent: options.userAgent ?? 'lading',
    requestsPerHost: options.requestsPerHost ?? 8,
    tries: options.tries ?? 5,
    maxRetryAfter: options.maxRetryAfter ?? 300,
    headersTimeout: options.timeouts?.headers ?? 60_000,
    bodyTimeout: options.timeouts?.body ?? 60_000,
    onWait: options.onWait,
    onWarning: options.onWarning,
    onExchange: options.onExchange,
    wait: surroundings.wait ?? waitFor,
    now: surroundings.now ?? Date.now,
    random: surroundings.random ?? Math.random,
  })
}

async function waitFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
