import { Readable } from 'node:stream'

/** Options of {@link pullStream}. */
export interface PullStreamOptions {
  /** Destroys the stream with its reason. */
  readonly signal?: AbortSignal | undefined
  /** Called once when the stream is destroyed, also before its end; lets go of what the generator waits for. */
  readonly onDestroy?: (() => void) | undefined
}

/**
 * A stream of the bytes that a generator yields, which is asked only when bytes are wanted.
 *
 * Unlike `Readable.from`, destroying it does not wait for a generator that is itself waiting:
 * `onDestroy` is called at once.
 */
export function pullStream(
  generator: AsyncGenerator<Uint8Array, void, undefined>,
  options: PullStreamOptions = {},
): Readable {
  const { signal, onDestroy } = options
  const abort = (): void => {
    stream.destroy(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)))
  }
  const stream = new Readable({
    highWaterMark: 512 * 1024,
    read() {
      void pull(this, generator)
    },
    destroy(error, done) {
      signal?.removeEventListener('abort', abort)
      onDestroy?.()
      void leave(generator)
      done(error)
    },
  })
  // An error before anybody reads is for who reads later, not for the process.
  stream.on('error', () => undefined)
  if (signal?.aborted === true) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return stream
}

async function pull(stream: Readable, generator: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await generator.next()
      if (stream.destroyed) return
      if (done !== true && value.length === 0) continue
      stream.push(done === true ? null : value)
      return
    }
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Whether the generator's own clean-up fails is nobody's concern any more. */
async function leave(generator: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  try {
    await generator.return()
  } catch {}
}
