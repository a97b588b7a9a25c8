import { InvalidDocumentError } from './errors.ts'

/**
 * Reads the bytes of a JSON document. Of two equal keys the last counts, as for Go's encoding/json.
 *
 * @throws {InvalidDocumentError} more than `limit` bytes, not UTF-8, not JSON.
 */
export function parseJson(bytes: Uint8Array, document: string, limit: number): unknown {
  if (bytes.length > limit) {
    throw new InvalidDocumentError(document, '', `it has ${bytes.length} bytes, at most ${limit} are read`)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new InvalidDocumentError(document, '', 'it is not UTF-8', { cause: error })
  }
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    throw new InvalidDocumentError(document, '', text.trim() === '' ? 'it is empty' : 'it is not JSON', {
      cause: error,
    })
  }
}
