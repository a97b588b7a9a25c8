import { HttpConnectionError } from './errors.ts'
import type { HttpRequest } from './types.ts'

/** Answers that another try may better. */
const retriedStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504, 522])

/**
 * Says whether a request may be sent again after an answer of this status. 429 says that it was not looked at, so
 * that it may be repeated whatever it is.
 */
export function mayRepeatAfterAnswer(request: HttpRequest, status: number): boolean {
  return retriedStatuses.has(status) && (status === 429 || isRepeatable(request))
}

/** Says whether a request may be sent again after this error: only after a connection that broke off. */
export function mayRepeatAfterError(request: HttpRequest, error: unknown): boolean {
  return error instanceof HttpConnectionError && error.reason === 'reset' && isRepeatable(request)
}

function isRepeatable({ repeatable, method }: HttpRequest): boolean {
  return repeatable ?? (method !== 'POST' && method !== 'PATCH')
}
