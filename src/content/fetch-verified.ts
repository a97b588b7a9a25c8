import type { Readable } from 'node:stream'
import type { Descriptor } from '../oci/index.ts'
import type { Fetcher, OperationOptions } from './capabilities.ts'
import { DamagedContentError, LimitExceededError } from './errors.ts'
import { verifiedStream } from './verified-stream.ts'
import { ContentVerifier } from './verifier.ts'

/**
 * Opens content for reading, verified: the stream ends in {@link DamagedContentError} unless size and digest agree.
 */
export async function fetchVerified(
  fetcher: Fetcher,
  descriptor: Descriptor,
  options: OperationOptions = {},
): Promise<Readable> {
  return verifiedStream(await fetcher.fetch(descriptor, options), descriptor)
}

/** Options of {@link fetchBytes}. */
export interface FetchBytesOptions extends OperationOptions {
  /** The most bytes to take into memory; default 8 MiB, the most a manifest may have. */
  readonly limit?: number
}

/**
 * Reads small content (manifests, configs, payloads) whole, verified.
 *
 * @throws {LimitExceededError} when the descriptor says more than `limit` bytes; nothing is fetched then.
 * @throws {DamagedContentError} unless size and digest agree.
 */
export async function fetchBytes(
  fetcher: Fetcher,
  descriptor: Descriptor,
  options: FetchBytesOptions = {},
): Promise<Buffer> {
  const limit = options.limit ?? 8 * 1024 * 1024
  if (descriptor.size > limit) {
    throw new LimitExceededError(
      `Cannot read ${descriptor.digest} (${descriptor.mediaType}) into memory: it has ${descriptor.size} bytes, more than the ${limit} that are allowed`,
    )
  }
  if (descriptor.data !== undefined) return verifiedBytes(descriptor, descriptor.data)

  const stream = await fetcher.fetch(descriptor, { signal: options.signal })
  const verifier = new ContentVerifier(descriptor)
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array))
        throw new DamagedContentError(`Cannot read ${descriptor.digest}: not bytes`)
      verifier.update(chunk)
      chunks.push(chunk)
    }
  } catch (error) {
    // An aborted stream may end in an error of its own.
    options.signal?.throwIfAborted()
    throw error
  }
  verifier.finish()
  return Buffer.concat(chunks)
}

/** The bytes, when they are what the descriptor says. @throws {DamagedContentError} otherwise. */
export function verifiedBytes(descriptor: Descriptor, bytes: Uint8Array): Buffer {
  const verifier = new ContentVerifier(descriptor)
  verifier.update(bytes)
  verifier.finish()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
