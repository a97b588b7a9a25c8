import { type Readable, Transform } from 'node:stream'
import { LadingError, type LadingErrorOptions } from '../errors/index.ts'
import { pipeInto } from './pipe-into.ts'
import { openTemporaryFile, type TemporaryFile } from './temporary-file.ts'

/** Options of {@link spoolStream}. */
export interface SpoolOptions {
  /** Where the temporary file goes; it should be the user's own or the system's temporary directory. */
  readonly directory: string
  /** The most bytes to keep. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

/** A stream that was written to a temporary file, so that it can be read more than once and at any place. */
export interface Spool extends AsyncDisposable {
  /** The file; only its owner may read it. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Removes the file. */
  close(): Promise<void>
}

/** A stream holds more than may be kept. */
export class SpoolLimitError extends LadingError<'LIMIT_EXCEEDED'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('LIMIT_EXCEEDED', message, options)
  }
}

/**
 * Reads a stream to its end into a temporary file of mode 0600. When this rejects, nothing is left behind
 * and the stream is destroyed.
 *
 * @throws {SpoolLimitError} when the stream holds more than `limit` bytes.
 * @throws {FileError} when it cannot be written; other errors are the stream's own.
 */
export async function spoolStream(stream: Readable, options: SpoolOptions): Promise<Spool> {
  const { directory, limit, signal } = options
  try {
    const file = await openTemporaryFile(directory, { mode: 0o600, signal })
    try {
      return new FileSpool(file, await copyBounded(stream, file, limit, signal))
    } catch (error) {
      await file.discard()
      throw error
    }
  } catch (error) {
    stream.destroy()
    throw error
  }
}

async function copyBounded(
  stream: Readable,
  file: TemporaryFile,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let size = 0
  const bounded = new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      size += chunk.byteLength
      if (size > limit) callback(limitError(limit))
      else callback(null, chunk)
    },
  })
  await pipeInto(file, [stream, bounded], signal)
  return size
}

function limitError(limit: number): SpoolLimitError {
  return new SpoolLimitError(
    `Cannot keep the stream in a temporary file: it holds more than ${limit} bytes`,
    {
      hint: 'Write it to a file of your own first and name that.',
    },
  )
}

class FileSpool implements Spool {
  readonly path: string
  readonly size: number
  readonly #file: TemporaryFile

  constructor(file: TemporaryFile, size: number) {
    this.path = file.path
    this.size = size
    this.#file = file
  }

  async close(): Promise<void> {
    await this.#file.discard()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
