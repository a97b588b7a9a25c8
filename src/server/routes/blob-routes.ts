import type { Readable } from 'node:stream'
import { NotFoundError } from '../../content/index.ts'
import type { Digest } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { RegistryStorage, StoredBlob } from '../storage/registry/registry-storage.ts'
import { answer, beginAnswer } from './answer.ts'
import { matchesEntityTag } from './entity-tag.ts'
import { type ContentRange, parseRange } from './parse-range.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import { pump } from './pump.ts'
import { hasUnreadBody } from './request-body.ts'

/** A blob that a path names. */
export interface BlobRoute {
  readonly repository: RepositoryName
  readonly digest: Digest
}

/** `GET` and `HEAD /v2/<name>/blobs/<digest>`, whole or one range of it. */
export async function getBlob(
  { storage }: ProtocolSettings,
  call: ProtocolCall,
  route: BlobRoute,
): Promise<void> {
  const { repository, digest } = route
  const { request, response } = call
  const blob = await storage.blobs.find(repository, digest)
  if (blob === undefined) throw unknown()
  const entityTag = `"${digest}"`
  const condition = request.headers['if-none-match']
  const naming = ['Docker-Content-Digest', digest, 'ETag', entityTag]
  if (condition !== undefined && matchesEntityTag(condition, entityTag))
    return answer(request, response, 304, naming)
  // Who pushes skips what HEAD finds, and would never bring again what the disk has lost.
  if (request.method === 'HEAD' && !(await storage.blobs.isStored(blob))) throw lost(call, blob)
  const range = request.method === 'GET' ? rangeOf(call, blob, entityTag) : undefined
  const length = range === undefined ? blob.size : range.end - range.start + 1
  const headers = [
    'Content-Type',
    'application/octet-stream',
    'Content-Length',
    String(length),
    'Accept-Ranges',
    'bytes',
    ...naming,
    ...(range === undefined ? [] : ['Content-Range', `bytes ${range.start}-${range.end}/${blob.size}`]),
    // A body that nobody reads would be taken for the next request.
    ...(hasUnreadBody(request) ? ['Connection', 'close'] : []),
  ]
  const status = range === undefined ? 200 : 206
  if (request.method === 'HEAD' || length === 0) {
    beginAnswer(response, status, headers)
    response.end()
    return
  }
  return send(storage, call, route, blob, { status, headers, range, length })
}

/** `DELETE /v2/<name>/blobs/<digest>`. */
export async function deleteBlob(
  { storage }: ProtocolSettings,
  { request, response }: ProtocolCall,
  { repository, digest }: BlobRoute,
): Promise<void> {
  if (!(await storage.blobs.delete(repository, digest))) throw unknown()
  return answer(request, response, 202, ['Docker-Content-Digest', digest])
}

async function send(
  storage: RegistryStorage,
  call: ProtocolCall,
  { repository, digest }: BlobRoute,
  blob: StoredBlob,
  { status, headers, length, range }: PartToSend,
): Promise<void> {
  const { response, trace } = call
  let body: Readable
  try {
    // The status is said when the content is there to follow.
    body = await storage.blobs.open(blob, { range, signal: trace.signal })
  } catch (error) {
    // It may have been deleted since it was found; otherwise it is lost, which is the server's fault.
    const now = error instanceof NotFoundError ? await storage.blobs.find(repository, digest) : blob
    throw now?.key === blob.key ? error : unknown()
  }
  beginAnswer(response, status, headers)
  await pump(body, response, length)
}

interface PartToSend {
  readonly status: 200 | 206
  readonly headers: readonly string[]
  readonly range: ContentRange | undefined
  /** Bytes. */
  readonly length: number
}

/** @throws {ProtocolError} SIZE_INVALID with status 416. */
function rangeOf({ request }: ProtocolCall, blob: StoredBlob, entityTag: string): ContentRange | undefined {
  const header = request.headers.range
  if (header === undefined) return undefined
  // With another content than the one that the client has a part of, all of it is wanted (RFC 9110 section 13.1.5).
  const condition = request.headers['if-range']
  if (condition !== undefined && condition !== entityTag) return undefined
  const range = parseRange(header, blob.size)
  if (range !== 'unsatisfiable') return range
  throw new ProtocolError('SIZE_INVALID', `the blob has ${blob.size} bytes`, {
    status: 416,
    headers: { 'Content-Range': `bytes */${blob.size}` },
  })
}

/** Says in the log that the disk has lost a blob, for whoever looks after the server; a push of it brings it back. */
function lost({ trace }: ProtocolCall, { digest, size }: StoredBlob): ProtocolError {
  trace.log.error({ digest, size }, 'a blob that was stored is gone or cut short: lading fsck')
  return unknown()
}

function unknown(): ProtocolError {
  return new ProtocolError('BLOB_UNKNOWN', 'the repository has no such blob')
}
