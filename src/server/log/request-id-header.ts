import type { ServerResponse } from 'node:http'

const headers = new WeakMap<ServerResponse, readonly string[]>()

const none: readonly string[] = []

/**
 * Gives a response its request's id. Who writes its headers adds {@link requestIdHeader}: a header that is set before
 * has node look through all that follow.
 */
export function setRequestId(response: ServerResponse, id: string): void {
  headers.set(response, ['X-Request-Id', id])
}

/** Sets `X-Request-Id`, for who writes headers as an object. */
export function applyRequestId(response: ServerResponse): void {
  const [name, value] = requestIdHeader(response)
  if (name !== undefined && value !== undefined) response.setHeader(name, value)
}

/** `X-Request-Id` and its value; nothing where the request has no id. */
export function requestIdHeader(response: ServerResponse): readonly string[] {
  return headers.get(response) ?? none
}
