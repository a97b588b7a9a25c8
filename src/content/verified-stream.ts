import { type Readable, Transform, type TransformCallback, pipeline } from 'node:stream'
import type { Descriptor } from '../oci/index.ts'
import { ContentVerifier } from './verifier.ts'

const bufferedBytes = 256 * 1024

/**
 * The same bytes, with an error for an end unless size and digest agree with the descriptor.
 *
 * Destroying the result destroys `stream`, and an error of `stream` is passed on. Bytes are handed on
 * before the whole is known to be right: who keeps them must be able to throw them away.
 */
export function verifiedStream(stream: Readable, descriptor: Descriptor): Readable {
  const verifying = new VerifyingTransform(descriptor)
  // The callback is what makes pipeline destroy both sides; the error itself reaches the reader by `verifying`.
  pipeline(stream, verifying, () => undefined)
  return verifying
}

class VerifyingTransform extends Transform {
  readonly #verifier: ContentVerifier

  constructor(descriptor: Descriptor) {
    super({ highWaterMark: bufferedBytes })
    this.#verifier = new ContentVerifier(descriptor)
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#verifier.update(chunk)
    } catch (error) {
      done(asError(error))
      return
    }
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    try {
      this.#verifier.finish()
    } catch (error) {
      done(asError(error))
      return
    }
    done()
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
