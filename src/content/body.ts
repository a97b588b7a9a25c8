import { Readable } from 'node:stream'
import type { Descriptor } from '../oci/index.ts'
import type { Body, Fetcher } from './capabilities.ts'

/** A body of bytes that are in memory. */
export function bytesBody(bytes: Uint8Array): Body {
  return {
    open: async (offset) => {
      const part = bytes.subarray(offset)
      return Readable.from(part.length === 0 ? [] : [part], { objectMode: false })
    },
  }
}

/** A body that is read from another place as it is needed, from any offset again. */
export function fetchedBody(fetcher: Fetcher, descriptor: Descriptor): Body {
  return {
    open: (offset, options) =>
      fetcher.fetch(
        descriptor,
        offset === 0 ? { signal: options?.signal } : { range: { start: offset }, signal: options?.signal },
      ),
  }
}
