import { UsageError } from '../errors/index.ts'

/**
 * Passes text on to a terminal up to the first chunk with control characters in it, which could move the cursor, set
 * colours or answer for the user.
 *
 * @param path of the file, for the message
 * @throws {UsageError} at such a chunk.
 */
export async function* guardTerminal(
  path: string,
  content: AsyncIterable<unknown>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let last = ''
  for await (const chunk of content) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('A file is bytes')
    const text = last + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    if (controls.test(text)) {
      throw new UsageError(
        `Cannot print ${path} to a terminal: it is binary, or has characters that control terminals`,
        { hint: 'Redirect standard output to a file, or pipe it to cat -v or less.' },
      )
    }
    last = text.slice(-1)
    yield chunk
  }
}

/** All C0 controls but tab and what ends lines and pages; the C1 controls in UTF-8. */
const controls = /[\0-\x08\x0b\x0e-\x1f]|\xc2[\x80-\x9f]/
