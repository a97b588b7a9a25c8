import type { Readable } from 'node:stream'
import { type Body, DamagedContentError, type PushOptions, UnavailableError } from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'
import { type Descriptor, isDigest } from '../oci/index.ts'
import { blobExists } from './blob-exists.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { UploadSource } from './upload-source.ts'
import {
  cancelSession,
  nextLocation,
  openSession,
  receivedBytes,
  sessionOffset,
  type UploadSession,
} from './upload-session.ts'

const mebibyte = 1024 * 1024
/** Proxies in front of registries refuse requests past about 100 MB (podman#24919). */
export const defaultChunkSize: number = 95 * mebibyte
const smallestChunk = mebibyte
/** How often an upload may fail in turn without the registry having got further. */
const mostFruitlessTries = 5

/** What was learned about how a registry takes blobs; one for each host. */
export interface UploadHabits {
  /** The most to send in one request; bytes. */
  chunkSize: number
  /** It takes a blob in one request only (ECR drops all chunks but the first). */
  oneRequestOnly: boolean
  /** Waits some milliseconds before an upload goes on after a failure; rejects when the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

/** Options of {@link uploadBlob}. */
export interface UploadOptions extends PushOptions {
  readonly habits: UploadHabits
  /** A session that is open already, from a mount that the registry would not do. */
  readonly session?: UploadSession | undefined
}

/**
 * Uploads a blob: in one request where it is small, else in chunks. After a broken connection the registry is asked
 * how far it got. Each byte is hashed once, and the last ones go only when the whole is right.
 *
 * @throws {DamagedContentError} unless the body is what the descriptor says; the session is cancelled.
 */
export async function uploadBlob(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  body: Body,
  options: UploadOptions,
): Promise<void> {
  await new Upload(endpoint, descriptor, body, options).run()
}

/** What a step of an upload came to. */
type Outcome = 'done' | 'go-on' | 'ask' | 'start-anew'

class Upload {
  readonly #endpoint: RepositoryEndpoint
  readonly #descriptor: Descriptor
  readonly #source: UploadSource
  readonly #options: UploadOptions
  readonly #doing: string
  #session: UploadSession | undefined
  /** Bytes that the registry has. */
  #offset = 0
  #fruitless = 0
  #furthest = 0
  #lastError: Error | undefined

  constructor(endpoint: RepositoryEndpoint, descriptor: Descriptor, body: Body, options: UploadOptions) {
    this.#endpoint = endpoint
    this.#descriptor = descriptor
    this.#source = new UploadSource(descriptor, body, options)
    this.#options = options
    this.#session = options.session
    this.#doing = `push ${descriptor.digest} to ${endpoint.display}`
  }

  async run(): Promise<void> {
    let complete = false
    try {
      complete = await this.#steps()
    } catch (error) {
      throw this.#source.failure?.error ?? error
    } finally {
      this.#source.close()
      if (!complete && this.#session !== undefined) await cancelSession(this.#endpoint, this.#session)
    }
  }

  /** @returns true when the registry has the blob. */
  async #steps(): Promise<true> {
    for (;;) {
      this.#options.signal?.throwIfAborted()
      this.#session ??= await this.#open()
      if (this.#session === undefined) return true
      const outcome = await this.#step(this.#session)
      if (outcome === 'done') return true
      if (outcome === 'go-on') continue
      await this.#afterFailure()
      if (outcome === 'ask' && (await this.#askOffset(this.#session))) continue
      if (outcome === 'ask' && (await blobExists(this.#endpoint, this.#descriptor, this.#options)))
        return true
      await this.#startAnew()
    }
  }

  async #open(): Promise<UploadSession | undefined> {
    this.#offset = 0
    return openSession(this.#endpoint, this.#descriptor, this.#options.signal)
  }

  /** Sends the next chunk, the whole, or the end. */
  async #step(session: UploadSession): Promise<Outcome> {
    const { size } = this.#descriptor
    const rest = size - this.#offset
    const inOne = this.#offset === 0 && (this.#habits.oneRequestOnly || size <= this.#chunkSize(session))
    if (inOne) return this.#put(session, 0)
    if (rest === 0) return this.#put(session, size)
    return this.#patch(session, Math.min(rest, this.#chunkSize(session)))
  }

  async #patch(session: UploadSession, length: number): Promise<Outcome> {
    const start = this.#offset
    const end = start + length
    const response = await this.#send({
      method: 'PATCH',
      to: session.location,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${start}-${end - 1}`,
        'content-length': String(length),
      },
      body: { length, open: () => this.#source.open(start, end) },
    })
    if (response === undefined) return 'ask'
    if (response.status === 201 && end < this.#descriptor.size) {
      // ECR answers so, and drops what comes after (containers-roadmap#2831).
      await response.discard()
      this.#habits.oneRequestOnly = true
      return 'start-anew'
    }
    if (response.status < 200 || response.status > 299) return this.#judge(response)
    await response.discard()
    this.#session = { ...session, location: nextLocation(response, session.location) ?? session.location }
    this.#advance(Math.min(receivedBytes(response) ?? end, end))
    return 'go-on'
  }

  /** Closes the upload, with all bytes or none. */
  async #put(session: UploadSession, start: number): Promise<Outcome> {
    const { digest, size } = this.#descriptor
    if (start === size) await this.#verifyUnsent()
    const location = withDigest(session.location, digest)
    const length = size - start
    const response = await this.#send({
      method: 'PUT',
      to: location,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(length) },
      ...(length === 0 ? {} : { body: { length, open: () => this.#source.open(start, size) } }),
    })
    if (response === undefined) return 'ask'
    if (response.status < 200 || response.status > 299) return this.#judge(response)
    await response.discard()
    const stored = response.header('docker-content-digest')
    if (stored !== undefined && isDigest(stored) && stored !== digest && stored.length === digest.length) {
      throw new DamagedContentError(
        `Cannot ${this.#doing}: ${this.#endpoint.host.name} stored it as ${stored}`,
      )
    }
    return 'done'
  }

  /** An empty blob is never read on the way: it must be empty all the same. */
  async #verifyUnsent(): Promise<void> {
    if (this.#descriptor.size > 0) return
    const stream = await this.#source.open(0, 0)
    for await (const chunk of stream) void chunk
  }

  /** Gives undefined when the connection broke off. */
  async #send(request: {
    readonly method: 'PUT' | 'PATCH'
    readonly to: URL
    readonly headers: Readonly<Record<string, string>>
    readonly body?: { readonly length: number; readonly open: () => Promise<Readable> }
  }): Promise<HttpResponse | undefined> {
    const { signal } = this.#options
    try {
      return await this.#endpoint.request({
        ...request,
        doing: this.#doing,
        actions: ['pull', 'push'],
        repeatable: false,
        signal,
      })
    } catch (error) {
      signal?.throwIfAborted()
      if (this.#source.failure !== undefined || !(error instanceof UnavailableError)) throw error
      this.#lastError = error
      return undefined
    }
  }

  async #judge(response: HttpResponse): Promise<Outcome> {
    const { status } = response
    if (status === 413 && this.#shrinkChunks()) {
      await response.discard()
      return 'ask'
    }
    if (status === 416 || status === 408 || status === 404 || status >= 500) {
      this.#lastError = await this.#endpoint.error(response, this.#doing)
      return 'ask'
    }
    throw await this.#endpoint.error(response, this.#doing)
  }

  /** @returns whether the registry said how far it got. */
  async #askOffset(session: UploadSession): Promise<boolean> {
    const found = await sessionOffset(this.#endpoint, session, this.#doing, this.#options.signal)
    // It cannot have what it was never given.
    if (found === undefined || found.offset > this.#source.seen) return false
    this.#session = found.session
    this.#advance(found.offset)
    return true
  }

  async #startAnew(): Promise<void> {
    if (this.#session !== undefined) await cancelSession(this.#endpoint, this.#session)
    this.#session = undefined
  }

  #advance(offset: number): void {
    this.#offset = offset
    if (offset <= this.#furthest) return
    this.#furthest = offset
    this.#fruitless = 0
  }

  /** Counts, and waits a little longer each time. */
  async #afterFailure(): Promise<void> {
    this.#fruitless += 1
    if (this.#fruitless >= mostFruitlessTries) {
      throw this.#lastError ?? new UnavailableError(`Cannot ${this.#doing}: it does not get any further`)
    }
    if (this.#fruitless > 1) {
      const milliseconds = 50 * 4 ** (this.#fruitless - 1) * (0.5 + Math.random())
      await this.#habits.wait(milliseconds, this.#options.signal)
    }
  }

  get #habits(): UploadHabits {
    return this.#options.habits
  }

  #chunkSize(session: UploadSession): number {
    return Math.max(this.#habits.chunkSize, session.minimumChunk)
  }

  /** @returns false when there is nothing smaller to try. */
  #shrinkChunks(): boolean {
    if (this.#habits.oneRequestOnly) return false
    const smaller = Math.floor(Math.min(this.#habits.chunkSize, this.#descriptor.size) / 2)
    const least = Math.max(
      Math.min(smallestChunk, this.#habits.chunkSize / 2),
      this.#session?.minimumChunk ?? 0,
    )
    if (smaller < least || smaller === 0) return false
    this.#habits.chunkSize = smaller
    return true
  }
}

/** The rest of the query may be signed: it stays byte for byte. */
function withDigest(location: URL, digest: string): URL {
  const closing = new URL(location)
  closing.search += `${closing.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`
  return closing
}
