import { type Body, DamagedContentError, type PushOptions, verifiedStream } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { endedBy } from './ended-by.ts'

/**
 * Hands the bytes of a body to `sink`, one chunk after the other, verified at the end and counted as they go.
 *
 * @throws {DamagedContentError} unless size and digest agree; what `sink` took is to be thrown away then.
 */
export async function receiveBody(
  descriptor: Descriptor,
  body: Body,
  sink: (chunk: Uint8Array) => Promise<void> | void,
  options: PushOptions = {},
): Promise<void> {
  const { signal, onBytes } = options
  signal?.throwIfAborted()
  try {
    const stream = endedBy(verifiedStream(await body.open(0, { signal }), descriptor), signal)
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array))
        throw new DamagedContentError(`Cannot accept ${descriptor.digest}: not bytes`)
      await sink(chunk)
      onBytes?.(chunk.length)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
