import { redactUrl } from '../../../errors/index.ts'
import {
  HttpBodyTooLargeError,
  HttpConnectionError,
  type HttpResponse,
  type Transport,
} from '../../../http/index.ts'
import { SigningServiceError } from '../errors.ts'
import { serviceUrlProblem } from './service-url.ts'

/** A request to a service that signing needs. */
export interface ServiceRequest {
  readonly transport: Transport
  /** Ends the sentence "Cannot …", as `get a certificate from https://fulcio.example`. */
  readonly doing: string
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | undefined
  /** Whether it may be sent again when no answer came. */
  readonly repeatable: boolean
  /** The most bytes of an answer. */
  readonly limit: number
  /** The longest that request and answer may take in all, so that a service that drips ends too; milliseconds, default a minute. */
  readonly timeLimit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** An answer, whole. */
export interface ServiceAnswer {
  readonly status: number
  readonly bytes: Uint8Array
  /** A header's value by its lower-case name. */
  header(name: string): string | undefined
}

/**
 * Sends one request, over https or to this machine, and follows no redirect: what it carries is for this service alone.
 *
 * @throws {SigningServiceError} no answer in time, or a longer one than there may be. Any status is an answer.
 */
export async function askService(request: ServiceRequest): Promise<ServiceAnswer> {
  const { transport, doing, method, url, headers = {}, body, repeatable, limit, signal } = request
  const { timeLimit = 60_000 } = request
  signal?.throwIfAborted()
  const problem = serviceUrlProblem(url.href)
  if (problem !== undefined) throw new SigningServiceError(`Cannot ${doing}: ${problem}`)
  const late = AbortSignal.timeout(timeLimit)
  try {
    const response = await transport.request({
      method,
      url,
      headers,
      redirect: 'manual',
      repeatable,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      ...(body === undefined ? {} : { body }),
    })
    return await wholeAnswer(response, limit)
  } catch (error) {
    signal?.throwIfAborted()
    if (late.aborted)
      throw new SigningServiceError(
        `Cannot ${doing}: ${url.host} did not answer whole within ${timeLimit / 1000} seconds`,
        { cause: error },
      )
    if (error instanceof HttpConnectionError)
      throw new SigningServiceError(`Cannot ${doing}: ${url.host} cannot be reached (${error.reason})`, {
        hint: error.hint,
        cause: error,
      })
    if (error instanceof HttpBodyTooLargeError)
      throw new SigningServiceError(`Cannot ${doing}: the answer has more than ${limit} bytes`, {
        cause: error,
      })
    throw error
  }
}

async function wholeAnswer(response: HttpResponse, limit: number): Promise<ServiceAnswer> {
  const bytes = await response.bytes(limit)
  return { status: response.status, bytes, header: (name) => response.header(name) }
}

/** The error for an answer that is not the one that was asked for, with what the service says of it. */
export function refused(
  { doing, url }: ServiceRequest,
  answer: ServiceAnswer,
  hint?: string,
): SigningServiceError {
  const { status } = answer
  const location = answer.header('location')
  const said =
    status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url.href)
      ? ` and leads to ${redactUrl(new URL(location, url))}, which is not followed`
      : saidBy(answer)
  return new SigningServiceError(`Cannot ${doing}: ${url.host} answered with status ${status}${said}`, {
    status,
    hint,
  })
}

/** What services of Sigstore say goes wrong: `{"message": …}`; issuers: `{"error": …, "error_description": …}`. */
function saidBy({ bytes }: ServiceAnswer): string {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes.subarray(0, 64 * 1024)).toString('utf8'))
  } catch {
    return ''
  }
  if (typeof json !== 'object' || json === null) return ''
  const fields = new Map<string, unknown>(Object.entries(json))
  const text = ['message', 'error_description', 'error'].map((name) => fields.get(name)).find(isText)
  // A token that comes back in an error is not shown.
  if (text === undefined || /eyJ[\w-]+\./.test(text)) return ''
  return `: ${text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
