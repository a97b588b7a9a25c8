import { createServer, type Server, type Socket } from 'node:net'
import { IdentityTokenError } from '../../errors.ts'
import { redirectRequest } from './redirect-request.ts'

/** Waits for the browser to come back from a login. */
export interface RedirectListener extends AsyncDisposable {
  /** Where the browser is to come back to. */
  readonly redirectUri: string
  /** The code of the login. Rejects with what the issuer said instead, or with the signal's reason. */
  readonly code: Promise<string>
}

/** A browser asks for icons and opens connections that it may need. */
const mostConnections = 16
const connectionTimeLimit = 10_000
const largestRequest = 16 * 1024

/**
 * Listens on a free port of 127.0.0.1, until it is disposed of, for one request that carries the login's state; what
 * comes without it is turned away.
 */
export async function listenForRedirect(
  state: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<RedirectListener> {
  signal.throwIfAborted()
  const { promise: code, resolve, reject } = Promise.withResolvers<string>()
  // Who disposes of it before the login is done does not wait for the code.
  code.catch(() => undefined)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    receive(socket, state, resolve, reject)
  })
  server.maxConnections = mostConnections
  const port = await listen(server)
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return {
    // Issuers that are told "localhost" take any port; they compare the text.
    redirectUri: `http://localhost:${port}/auth/callback`,
    code,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', abort)
      const { promise: closed, resolve: close } = Promise.withResolvers<void>()
      server.close(() => close())
      // What was answered is on its way: the sockets end by themselves, or are ended.
      for (const socket of sockets) socket.destroySoon()
      await closed
    },
  }
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.on('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  try {
    await promise
  } catch (error) {
    throw new IdentityTokenError('Cannot log in: no port of this machine could be opened for the browser', {
      cause: error,
    })
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('A server on TCP has a port')
  return address.port
}

function receive(
  socket: Socket,
  state: string,
  resolve: (code: string) => void,
  reject: (error: Error) => void,
): void {
  let received = ''
  socket.setTimeout(connectionTimeLimit, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk
    if (received.length > largestRequest) socket.destroy()
    if (socket.destroyed || socket.writableEnded || !received.includes('\r\n\r\n')) return
    const request = redirectRequest(received, state)
    socket.end(page(request.kind === 'other' ? '404 Not Found' : '200 OK', texts[request.kind]))
    if (request.kind === 'code') resolve(request.code)
    if (request.kind === 'refused')
      reject(new IdentityTokenError(`Cannot log in: the issuer refuses: ${request.reason}`))
  })
}

const texts = {
  code: 'You are logged in. This page can be closed.',
  refused: 'The login was refused. This page can be closed.',
  other: 'There is nothing here.',
} as const

function page(status: string, text: string): string {
  const body = `<!doctype html><meta charset="utf-8"><title>Lading</title><p>${text}</p>\n`
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/html; charset=utf-8',
    `Content-Length: ${body.length}`,
    "Content-Security-Policy: default-src 'none'",
    'Referrer-Policy: no-referrer',
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
