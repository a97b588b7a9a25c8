import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProtocolError } from '../protocol-error.ts'
import { answer } from './answer.ts'
import type { RequestTrace } from './request-trace.ts'

/** More errors than this one answer does not list. */
const maxErrors = 100

/**
 * Answers a request that failed, in the shape of the distribution specification ("Error Codes"). What is no
 * {@link ProtocolError} is the server's own fault: it is logged, and the client is told the request's id and nothing
 * else. Where the answer has begun already, or the client is gone, the connection is closed. Rejects never.
 */
export async function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  trace: RequestTrace,
  thrown: unknown,
): Promise<void> {
  if (response.destroyed || request.socket.destroyed) return
  const error = thrown instanceof ProtocolError ? thrown : internalError(trace)
  if (error.status >= 500) trace.log.error({ err: thrown }, 'request failed')
  if (response.headersSent) {
    response.destroy()
    return
  }
  try {
    const body = JSON.stringify({ errors: errorsOf(error) })
    await answer(
      request,
      response,
      error.status,
      ['Content-Type', 'application/json', ...headersOf(error)],
      body,
    )
  } catch (cause) {
    trace.log.error({ err: cause }, 'an error could not be answered')
    response.destroy()
  }
}

function errorsOf(error: ProtocolError): readonly unknown[] {
  const { code, message, detail } = error
  if (!Array.isArray(detail)) return [{ code, message, detail }]
  const details: readonly unknown[] = detail
  return details.length === 0
    ? [{ code, message }]
    : details.slice(0, maxErrors).map((one) => ({ code, message, detail: one }))
}

function headersOf(error: ProtocolError): readonly string[] {
  return Object.entries(error.headers).flat()
}

function internalError(trace: RequestTrace): ProtocolError {
  return new ProtocolError('UNKNOWN', 'the server could not do this; its log says why', {
    detail: { request: trace.id },
  })
}
