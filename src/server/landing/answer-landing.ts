import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerText } from '../answer-text.ts'
import type { RegistryAddress } from './first-push.ts'
import { landingHtml } from './landing-html.ts'
import { landingText } from './landing-text.ts'

/** Answers `/`: how to begin, as a page for browsers and as text for everybody else. */
export function answerLanding(
  request: IncomingMessage,
  response: ServerResponse,
  address: RegistryAddress,
): void {
  const wantsPage = request.headers.accept?.includes('text/html') === true
  answerText(request, response, 200, {
    contentType: wantsPage ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
    body: wantsPage ? landingHtml(address) : landingText(address),
    headers: {
      Vary: 'Accept',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    },
  })
}
