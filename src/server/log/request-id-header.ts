import type { ServerResponse } from 'node:http'

/** Where a response keeps it: a weak map costs 0.4 µs a request, and the collector of garbage more. */
const header: unique symbol = Symbol('X-Request-Id')

/** A response that may have been given its request's id. */
type Named = ServerResponse & { [header]?: readonly string[] }

const none: readonly string[] = []

/**
 * Gives a response its request's id. Who writes its headers adds {@link requestIdHeader}: a header that is set before
 * has node look through all that follow.
 */
export function setRequestId(response: Named, id: string): void {
  response[header] = ['X-Request-Id', id]
}

/** Sets `X-Request-Id`, for who writes headers as an object. */
export function applyRequestId(response: ServerResponse): void {
  const [name, value] = requestIdHeader(response)
  if (name !== undefined && value !== undefined) response.setHeader(name, value)
}

/** `X-Request-Id` and its value; nothing where the request has no id. */
export function requestIdHeader(response: Named): readonly string[] {
  return response[header] ?? none
}
