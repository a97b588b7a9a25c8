import { request } from 'node:http'
import type { Socket } from 'node:net'
import { HttpConnectionError } from './errors.ts'

/**
 * Asks a proxy, over a connection to it, for a tunnel to `target` (`host:port`); RFC 9110, section 9.3.6.
 *
 * @param proxy Its user information becomes `Proxy-Authorization`.
 * @throws {HttpConnectionError} when the proxy would not.
 */
export async function openTunnel(
  socket: Socket,
  proxy: URL,
  target: string,
  timeout: number,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const connect = request({
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    createConnection: () => socket,
    timeout,
  })
  connect.on('connect', (answer, tunnel, rest) => {
    const status = answer.statusCode ?? 0
    // A TLS server says nothing before its client does: bytes here are not from the target.
    if (status >= 200 && status < 300 && rest.byteLength === 0) resolve(socket)
    else {
      tunnel.destroy()
      reject(refusal(proxy, target, status))
    }
  })
  connect.on('timeout', () => connect.destroy(new Error('no answer came in time')))
  connect.on('error', (error) => reject(proxyFailure(proxy, target, error)))
  connect.end()
  return promise
}

/** The header that a proxy knows its user by; empty when its URL names none. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '' && proxy.password === '') return {}
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** An error on the way to a proxy, or to the target through it. */
export function proxyFailure(proxy: URL, target: string, cause: unknown): HttpConnectionError {
  return new HttpConnectionError(
    `Cannot reach ${target} through the proxy ${proxy.host}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { reason: 'proxy', hint: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.', cause },
  )
}

function refusal(proxy: URL, target: string, status: number): HttpConnectionError {
  const wantsCredentials = status === 407
  return new HttpConnectionError(
    `Cannot reach ${target} through the proxy ${proxy.host}: it ${wantsCredentials ? 'wants other credentials' : `answers ${status}`}`,
    {
      reason: 'proxy',
      hint: wantsCredentials
        ? 'Name them in the proxy’s URL: http://user:password@host:port.'
        : 'Check that the proxy lets you connect there, or name the host in NO_PROXY.',
    },
  )
}
