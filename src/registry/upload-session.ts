import { UnavailableError } from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { digestAlgorithm } from '../oci/index.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** A blob upload that a registry has opened: where it goes on. */
export interface UploadSession {
  /** New after every request. */
  readonly location: URL
  /** The least that the registry takes in one chunk but the last; bytes. */
  readonly minimumChunk: number
}

const cancelMilliseconds = 5000

/**
 * Opens an upload session (OCI distribution specification, "Pushing blobs").
 *
 * @returns undefined when the registry has the blob already (201).
 */
export async function openSession(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<UploadSession | undefined> {
  const doing = `push ${descriptor.digest} to ${endpoint.display}`
  const algorithm = digestAlgorithm(descriptor.digest)
  const response = await endpoint.request({
    doing,
    method: 'POST',
    to: `blobs/uploads/${algorithm === 'sha256' ? '' : `?digest-algorithm=${algorithm}`}`,
    headers: { 'content-length': '0' },
    actions: ['pull', 'push'],
    // A session too many harms nobody: registries clear them away.
    repeatable: true,
    signal,
  })
  if (response.status === 201) {
    await response.discard()
    return undefined
  }
  if (response.status !== 202) throw await endpoint.error(response, doing)
  await response.discard()
  return sessionOf(endpoint, response, doing)
}

/** The session that an answer with 202 names. */
export function sessionOf(
  endpoint: RepositoryEndpoint,
  response: HttpResponse,
  doing: string,
): UploadSession {
  const location = nextLocation(response, undefined)
  if (location === undefined) {
    throw new UnavailableError(`Cannot ${doing}: ${endpoint.host.name} does not say where to upload to`, {
      status: response.status,
    })
  }
  const minimum = Number(response.header('oci-chunk-min-length') ?? 0)
  return { location, minimumChunk: Number.isSafeInteger(minimum) && minimum > 0 ? minimum : 0 }
}

/**
 * Where an upload goes on: the `Location` of the last answer, relative or absolute, against the URL that answered.
 * A registry behind a proxy that ends TLS may write `http` for its own `https`.
 */
export function nextLocation(response: HttpResponse, before: URL | undefined): URL | undefined {
  const text = response.header('location')
  if (text === undefined || text === '' || !URL.canParse(text, response.url.href)) return before
  const location = new URL(text, response.url)
  if (location.protocol !== 'https:' && location.protocol !== 'http:') return before
  location.username = ''
  location.password = ''
  if (
    location.protocol === 'http:' &&
    response.url.protocol === 'https:' &&
    location.host === response.url.host
  ) {
    location.protocol = 'https:'
  }
  return location
}

/** How many bytes a session has; undefined when that cannot be told or the session is gone. */
export async function sessionOffset(
  endpoint: RepositoryEndpoint,
  session: UploadSession,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly offset: number; readonly session: UploadSession } | undefined> {
  const response = await endpoint.request({
    doing,
    method: 'GET',
    to: session.location,
    actions: ['pull', 'push'],
    signal,
  })
  await response.discard()
  if (response.status < 200 || response.status > 299) return undefined
  const offset = receivedBytes(response)
  if (offset === undefined) return undefined
  return {
    offset,
    session: { ...session, location: nextLocation(response, session.location) ?? session.location },
  }
}

/**
 * Bytes received by the `Range: 0-N` of an answer, N being the last one. `0-0` is what distribution says of an empty
 * session, and also of one byte: it tells nothing.
 */
export function receivedBytes(response: HttpResponse): number | undefined {
  const last = /^(?:bytes[= ])?0-(\d+)$/.exec(response.header('range')?.trim() ?? '')?.[1]
  if (last === undefined || last === '0') return undefined
  return Number(last) + 1
}

/** Tells the registry that a session is not needed any more. Best effort: never rejects. */
export async function cancelSession(endpoint: RepositoryEndpoint, session: UploadSession): Promise<void> {
  try {
    const response = await endpoint.request({
      doing: `cancel an upload to ${endpoint.display}`,
      method: 'DELETE',
      to: session.location,
      actions: ['pull', 'push'],
      repeatable: false,
      signal: AbortSignal.timeout(cancelMilliseconds),
    })
    await response.discard()
  } catch {
    // The registry clears it away in time.
  }
}
