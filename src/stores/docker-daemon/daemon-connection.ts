import { type IncomingMessage, request } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  AccessRefusedError,
  LimitExceededError,
  NotFoundError,
  type OperationOptions,
  UnavailableError,
} from '../../content/index.ts'
import { isJsonObject } from '../json-object.ts'
import { type DaemonAddress, parseDaemonAddress } from './daemon-address.ts'

/** The most bytes of an answer that is read into memory. */
const answerLimit = 32 * 1024 * 1024

/** Asks a daemon that speaks Docker's Engine API; paths carry no version, which means its newest. */
export class DaemonConnection {
  /** As in `DOCKER_HOST`. */
  readonly host: string
  readonly #address: DaemonAddress

  constructor(host: string) {
    this.host = host
    this.#address = parseDaemonAddress(host)
  }

  /** Asks, and gives the answer's body as it comes. @throws {NotFoundError} for 404. @throws {UnavailableError} @throws {AccessRefusedError} */
  async get(path: string, action: string, options: OperationOptions): Promise<IncomingMessage> {
    return this.#answered(await this.#send('GET', path, action, undefined, options), action, options)
  }

  /** Asks for a JSON document. */
  async getJson(path: string, action: string, options: OperationOptions): Promise<unknown> {
    const text = await this.#readText(await this.get(path, action, options), action, options)
    try {
      const document: unknown = JSON.parse(text)
      return document
    } catch (error) {
      throw new UnavailableError(`Cannot ${action}: the daemon's answer is not JSON`, { cause: error })
    }
  }

  /** Sends a tar archive, and gives the answer's text. */
  async postArchive(
    path: string,
    archive: Readable,
    action: string,
    options: OperationOptions,
  ): Promise<string> {
    const response = await this.#send('POST', path, action, archive, options)
    return this.#readText(await this.#answered(response, action, options), action, options)
  }

  async #send(
    method: string,
    path: string,
    action: string,
    body: Readable | undefined,
    options: OperationOptions,
  ): Promise<IncomingMessage> {
    const { signal } = options
    signal?.throwIfAborted()
    try {
      return await this.#exchange(method, path, body, signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw this.connectionError(action, error)
    }
  }

  /** Resolves with the answer, which may come before the body is sent: a daemon that refuses stops reading. */
  #exchange(
    method: string,
    path: string,
    body: Readable | undefined,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const headers = { host: 'docker', ...(body === undefined ? {} : { 'content-type': 'application/x-tar' }) }
    const asked = request({ ...this.#address, method, path, headers, agent: false, signal })
    return new Promise((resolve, reject) => {
      asked.on('response', resolve)
      asked.on('error', reject)
      if (body === undefined) asked.end()
      // After an answer this changes nothing; before one, an error of the archive comes ahead of that of the connection it breaks.
      else
        pipeline(body, asked).catch((error: unknown) => {
          if (!isConnectionError(error)) reject(error instanceof Error ? error : new Error(String(error)))
        })
    })
  }

  async #answered(
    response: IncomingMessage,
    action: string,
    options: OperationOptions,
  ): Promise<IncomingMessage> {
    const { statusCode: status = 0 } = response
    if (status >= 200 && status < 300) return response
    const reason =
      messageIn(await this.#readText(response, action, options)) ?? `it answers with status ${status}`
    if (status === 404) throw new NotFoundError(`Cannot ${action}: ${reason}`)
    throw new UnavailableError(`Cannot ${action}: the daemon says: ${reason}`, { status })
  }

  async #readText(response: IncomingMessage, action: string, { signal }: OperationOptions): Promise<string> {
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of response) {
        if (!(chunk instanceof Uint8Array)) continue
        size += chunk.length
        if (size > answerLimit) {
          throw new LimitExceededError(
            `Cannot ${action}: the daemon's answer has more than the ${answerLimit} bytes that are allowed`,
          )
        }
        chunks.push(chunk)
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw this.connectionError(action, error)
    }
    return Buffer.concat(chunks).toString()
  }

  /** Makes an error of the connection readable, also one that ends the body of an answer; any other is given back as it is. */
  connectionError(action: string, error: unknown): unknown {
    if (!isConnectionError(error)) return error
    switch (error.code) {
      case 'ENOENT':
      case 'ECONNREFUSED':
      case 'ENOTSOCK':
        return new UnavailableError(`Cannot ${action}: no daemon listens at ${this.host}`, {
          hint: 'Start Docker, or name another socket with DOCKER_HOST; that of podman is started by: systemctl --user start podman.socket',
          cause: error,
        })
      case 'EACCES':
      case 'EPERM':
        return new AccessRefusedError('DENIED', `Cannot ${action}: permission denied at ${this.host}`, {
          hint: 'The socket belongs to root and, as a rule, the group docker: join that, or use a daemon of your own.',
          cause: error,
        })
      default:
        return new UnavailableError(
          `Cannot ${action}: the connection to ${this.host} broke (${error.code})`,
          { cause: error },
        )
    }
  }
}

interface ConnectionError extends Error {
  readonly code: string
}

const connectionCodes: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ENOTSOCK',
  'EACCES',
  'EPERM',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ERR_STREAM_PREMATURE_CLOSE',
])

function isConnectionError(error: unknown): error is ConnectionError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return connectionCodes.has(error.code) || error.code.startsWith('HPE_')
}

/** What an answer of an error says, on one line. */
function messageIn(text: string): string | undefined {
  let message = text
  try {
    const document: unknown = JSON.parse(text)
    if (isJsonObject(document) && typeof document['message'] === 'string') message = document['message']
  } catch {
    // Not JSON: the text itself is what there is.
  }
  return (
    message
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      .slice(0, 500) || undefined
  )
}
