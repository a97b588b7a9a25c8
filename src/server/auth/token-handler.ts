import type { IncomingMessage, ServerResponse } from 'node:http'
import { applyRequestId } from '../log/request-id-header.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RequestTrace } from '../routes/request-trace.ts'
import type { ServerGate, TokenRequest } from './server-gate.ts'

/** Options of {@link createTokenHandler}. */
export interface TokenHandlerOptions {
  /** The address of a client, as the gate and the limits count it. */
  readonly clientAddress: (request: IncomingMessage) => string
}

/** Answers one request to the token endpoint. */
export type TokenHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  trace: RequestTrace,
) => Promise<void>

/**
 * Makes the handler of `/token`, to be mounted at that path, beside `/v2/`, for every method. It follows the token
 * authentication of the distribution project: GET with Basic or nothing, and `service`, `scope`, `account` in the query;
 * POST with a form as OAuth2 has it (`grant_type=password`). What cannot be granted is thrown: who mounts the handler
 * answers a {@link ProtocolError} as under /v2/.
 */
export function createTokenHandler(gate: ServerGate, options: TokenHandlerOptions): TokenHandler {
  return async (request, response, trace) => {
    trace.route = 'token'
    const { headers } = request
    const credentials = { headers, remoteAddress: options.clientAddress(request) }
    const asked =
      request.method === 'POST'
        ? formRequest(await readForm(request, trace.signal))
        : queryRequest(request.method, request.url ?? '')
    const { issued, name } = await gate.grant({ ...credentials, ...asked }, { signal: trace.signal })
    trace.user = name
    const body = Buffer.from(
      JSON.stringify({
        token: issued.token,
        access_token: issued.token,
        expires_in: issued.lifetimeSeconds,
        issued_at: new Date(issued.issuedAt).toISOString(),
      }),
    )
    applyRequestId(response)
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
}

type Asked = Pick<TokenRequest, 'service' | 'scopes' | 'login'>

function queryRequest(method: string | undefined, url: string): Asked {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new ProtocolError('UNSUPPORTED', 'tokens are had by GET or POST', {
      headers: { Allow: 'GET, HEAD, POST' },
    })
  }
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  return { service: query.get('service') ?? undefined, scopes: query.getAll('scope') }
}

function formRequest(form: URLSearchParams): Asked {
  const grantType = form.get('grant_type')
  if (grantType === 'refresh_token') {
    throw badRequest('this registry gives no refresh tokens: use grant_type=password, or GET with Basic')
  }
  if (grantType !== 'password') throw badRequest('the grant_type must be password')
  const [user, password] = [form.get('username'), form.get('password')]
  if (user === null || password === null) throw badRequest('username and password are missing')
  return {
    service: form.get('service') ?? undefined,
    scopes: form.getAll('scope'),
    login: { user, password },
  }
}

const maxFormBytes = 64 * 1024

async function readForm(request: IncomingMessage, signal: AbortSignal): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded *(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw badRequest('a POST must be a form: application/x-www-form-urlencoded')
  }
  const chunks: Uint8Array[] = []
  let length = 0
  // The stream is kept where the form is refused, or the answer would have no way.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted()
    length += chunk.length
    if (length > maxFormBytes) {
      throw new ProtocolError('UNSUPPORTED', 'the form is too large', {
        status: 413,
        headers: { Connection: 'close' },
      })
    }
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function badRequest(message: string): ProtocolError {
  return new ProtocolError('UNSUPPORTED', message, { status: 400 })
}
