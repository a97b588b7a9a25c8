import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { applyRequestId } from './log/request-id-header.ts'

/** A small answer that is there as a whole. */
export interface TextAnswer {
  readonly contentType: string
  readonly body: string
  readonly headers?: OutgoingHttpHeaders | undefined
}

/** Sends a small answer; without its body to `HEAD`. */
export function answerText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  { contentType, body, headers = {} }: TextAnswer,
): void {
  const bytes = Buffer.from(body)
  applyRequestId(response)
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
