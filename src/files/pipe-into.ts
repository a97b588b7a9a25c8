import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TemporaryFile } from './temporary-file.ts'

/** Writes a stream, through a transform where there is one, to a file; an abort rejects with the signal's reason. */
export async function pipeInto(
  file: TemporaryFile,
  [source, ...through]: readonly [Readable, ...Transform[]],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await pipeline([source, ...through, file.stream()], signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
