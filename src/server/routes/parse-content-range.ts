import { ProtocolError } from '../protocol-error.ts'

/** Where a chunk belongs: both ends included. */
export interface ChunkRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads the `Content-Range` of a chunk: `0-1023`, as the distribution specification writes it ("Pushing a blob in
 * chunks"), and not `bytes 0-1023/*`, as RFC 9110 does.
 *
 * @throws {ProtocolError} BLOB_UPLOAD_INVALID for another text or a range that ends before it begins; SIZE_INVALID
 * where the body is declared to have another length.
 */
export function parseContentRange(header: string, contentLength: number | undefined): ChunkRange {
  const match = /^([0-9]{1,15})-([0-9]{1,15})$/.exec(header)
  const start = Number(match?.[1])
  const end = Number(match?.[2])
  if (match === null || end < start)
    throw new ProtocolError('BLOB_UPLOAD_INVALID', 'Content-Range must be <first byte>-<last byte>')
  if (contentLength !== undefined && contentLength !== end - start + 1)
    throw new ProtocolError('SIZE_INVALID', 'Content-Range and Content-Length do not agree')
  return { start, end }
}
