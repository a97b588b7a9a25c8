import type { Transport, TransportOptions } from './types.ts'

/** Makes a {@link Transport}; nothing is connected before the first request. */
export function createTransport(options: TransportOptions = {}): Transport {
  throw new Error(`Cannot send requests: not written yet (${Object.keys(options).join()})`)
}
