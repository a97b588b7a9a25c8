import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'

/** The registry that is asked. */
export interface ProtocolTarget {
  /** `http://127.0.0.1:5000`. */
  readonly origin: string
  /** PEM: the authority to trust. */
  readonly ca?: string
  readonly user?: { readonly name: string; readonly password: string }
}

/** What is asked. */
export interface ProtocolRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Sends the body in two pieces and without its length. Default false. */
  readonly streamed?: boolean
  /** Leaves `Authorization` away and takes 401 as the answer. Default false. */
  readonly anonymous?: boolean
}

/** What was answered. */
export interface ProtocolResponse {
  /** `PUT /v2/…`, for messages. */
  readonly asked: string
  /** Where it was asked; what a relative `Location` is relative to. */
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Requests to one registry, sent as they are written: nothing is retried, followed or normalised. */
export interface ProtocolClient {
  /** `path` begins with `/` and goes on the wire as it stands, or is a whole URL. */
  ask(path: string | URL, request?: ProtocolRequest): Promise<ProtocolResponse>
  close(): void
}

/**
 * A client that answers a challenge with its password, or with a token for the scope of the challenge, which it keeps for
 * each repository and for reading, writing and deleting apart, as the official conformance suite does.
 */
export function protocolClient(target: ProtocolTarget): ProtocolClient {
  const agent = target.origin.startsWith('https:')
    ? new HttpsAgent({ keepAlive: true, ...(target.ca === undefined ? {} : { ca: target.ca }) })
    : new HttpAgent({ keepAlive: true })
  const authorizations = new Map<string, string>()

  async function ask(path: string | URL, asked: ProtocolRequest = {}): Promise<ProtocolResponse> {
    const key = authorizationKey(path, asked)
    let answer = await send(target, agent, path, asked, authorizations.get(key))
    // Who shows nothing is asked for a token; who has one may be asked for another that is good for more.
    for (let round = 0; round < 2 && answer.status === 401; round++) {
      if (target.user === undefined || asked.anonymous === true) return answer
      authorizations.set(key, await answerChallenge(target, agent, answer))
      answer = await send(target, agent, path, asked, authorizations.get(key))
    }
    return answer
  }

  return { ask, close: () => agent.destroy() }
}

function authorizationKey(path: string | URL, { method = 'GET', anonymous }: ProtocolRequest): string {
  const name = /^(?:https?:\/\/[^/]+)?\/v2\/(.*?)\/(?:blobs|manifests|tags|referrers)\//.exec(
    String(path),
  )?.[1]
  const use = method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' ? 'delete' : 'push'
  return anonymous === true ? '' : `${use} ${name ?? ''}`
}

async function answerChallenge(
  target: ProtocolTarget,
  agent: HttpAgent,
  refused: ProtocolResponse,
): Promise<string> {
  const challenge = refused.headers['www-authenticate'] ?? ''
  const { name = '', password = '' } = target.user ?? {}
  const basic = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  if (!/^bearer /i.test(challenge)) return basic
  const parameter = (key: string): string | undefined =>
    new RegExp(`[ ,]${key}="([^"]*)"`, 'i').exec(challenge)?.[1]
  const realm = new URL(parameter('realm') ?? '', refused.url)
  for (const key of ['service', 'scope']) {
    const value = parameter(key)
    if (value !== undefined) realm.searchParams.set(key, value)
  }
  const answer = await send(target, agent, realm, {}, basic)
  const said: unknown = JSON.parse(answer.body.toString())
  if (typeof said !== 'object' || said === null) throw new Error('the token service gave no object')
  const token = 'token' in said ? said.token : 'access_token' in said ? said.access_token : undefined
  if (typeof token !== 'string') throw new Error(`the token service gave no token: ${answer.status}`)
  return `Bearer ${token}`
}

async function send(
  target: ProtocolTarget,
  agent: HttpAgent,
  path: string | URL,
  asked: ProtocolRequest,
  authorization: string | undefined,
): Promise<ProtocolResponse> {
  const { method = 'GET', body, streamed = false, headers = {}, anonymous = false } = asked
  const url = typeof path === 'string' ? undefined : path
  const origin = url ?? new URL(target.origin)
  const raw = typeof path === 'string' ? path : `${path.pathname}${path.search}`
  const sized = body !== undefined && !streamed ? { 'content-length': String(body.length) } : {}
  const empty = body === undefined && /^(?:POST|PUT|PATCH)$/.test(method) ? { 'content-length': '0' } : {}
  const request = (origin.protocol === 'https:' ? httpsRequest : httpRequest)({
    agent,
    host: origin.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: origin.port,
    method,
    path: raw,
    headers: {
      ...sized,
      ...empty,
      ...(authorization === undefined || anonymous ? {} : { authorization }),
      ...headers,
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('error', reject)
    request.once('response', resolve)
  })
  if (body !== undefined && streamed) {
    const half = Math.ceil(body.length / 2)
    request.write(body.subarray(0, half))
    request.end(body.subarray(half))
  } else request.end(body)
  const response = await answered
  return {
    asked: `${method} ${raw}`,
    url: url ?? new URL(target.origin + raw),
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await buffer(response),
  }
}
