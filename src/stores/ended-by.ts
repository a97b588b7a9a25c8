import type { Readable } from 'node:stream'

/** The same stream, which ends in the signal's reason when the signal says so. */
export function endedBy<Stream extends Readable>(stream: Stream, signal: AbortSignal | undefined): Stream {
  if (signal === undefined) return stream
  const end = (): void => {
    const reason: unknown = signal.reason
    stream.destroy(reason instanceof Error ? reason : new Error(String(reason)))
  }
  // An end before anybody reads is for who reads later, not for the process.
  stream.on('error', () => undefined)
  if (signal.aborted) end()
  else {
    signal.addEventListener('abort', end, { once: true })
    stream.once('close', () => signal.removeEventListener('abort', end))
  }
  return stream
}
