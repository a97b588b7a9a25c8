import type { Readable } from 'node:stream'
import type { OpenArchiveOptions } from '../archive-bytes.ts'
import type { ArchiveSource } from '../archive-source.ts'
import {
  type FetchOptions,
  NotFoundError,
  type OperationOptions,
  type ReferrersOptions,
} from '../../content/index.ts'
import { type Descriptor, type Digest, isDigest } from '../../oci/index.ts'
import { UsageError } from '../../errors/index.ts'
import { dockerName } from '../docker-name.ts'
import { openDockerArchive } from '../docker-archive/open-docker-archive.ts'
import { isJsonObject } from '../json-object.ts'
import { nameNotFound, shownName } from '../name-not-found.ts'
import { defaultDaemonHost } from './daemon-address.ts'
import { checkDaemon } from './check-daemon.ts'
import { DaemonConnection } from './daemon-connection.ts'

/** Options of {@link openDockerDaemon}. */
export interface OpenDockerDaemonOptions extends OpenArchiveOptions {
  /** The value of `DOCKER_HOST`; default `unix:///var/run/docker.sock`. */
  readonly host?: string | undefined
}

/**
 * Opens the images of a Docker daemon, or of podman's socket, for reading. Names are image references, or digests:
 * Docker's image IDs.
 *
 * The daemon gives an image as one archive, its list last: each image that is resolved is kept in a temporary file
 * until `close`.
 *
 * @throws {UnavailableError} when no daemon listens. @throws {AccessRefusedError} when its socket may not be used.
 * @throws {UnsupportedError} for daemons on other machines.
 */
export async function openDockerDaemon(options: OpenDockerDaemonOptions = {}): Promise<ArchiveSource> {
  const { host = defaultDaemonHost, display = 'docker-daemon' } = options
  const connection = new DaemonConnection(host)
  await checkDaemon(connection, options)
  return new DaemonSource(connection, display, options)
}

class DaemonSource implements ArchiveSource {
  readonly display: string
  readonly #connection: DaemonConnection
  readonly #options: OpenDockerDaemonOptions
  readonly #archives = new Map<string, Promise<ArchiveSource>>()

  constructor(connection: DaemonConnection, display: string, options: OpenDockerDaemonOptions) {
    this.#connection = connection
    this.display = display
    this.#options = options
  }

  async resolve(name: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted()
    const asked = isDigest(name) ? name : dockerName(name)?.familiar
    if (asked === undefined)
      throw new UsageError(`Cannot find ${shownName(name)} in ${this.display}: it is no image reference`)
    return (await this.#export(asked, options)).resolve('', options)
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    for (const opening of this.#archives.values()) {
      try {
        return await (await opening).fetch(descriptor, options)
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error
      }
    }
    throw new NotFoundError(
      `Cannot find ${descriptor.digest} in ${this.display}: it is in no image that was resolved`,
    )
  }

  async *tags(options: OperationOptions = {}): AsyncIterable<string> {
    const images = await this.#connection.getJson(
      '/images/json',
      `list the images of ${this.display}`,
      options,
    )
    for (const image of Array.isArray(images) ? images : []) {
      const tags: unknown = isJsonObject(image) ? image['RepoTags'] : undefined
      for (const tag of Array.isArray(tags) ? tags : []) {
        if (typeof tag === 'string' && tag !== '<none>:<none>') yield tag
      }
    }
  }

  async referrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    const found = await Promise.all(
      [...this.#archives.values()].map(async (archive) => (await archive).referrers(subject, options)),
    )
    return [...new Map(found.flat().map((descriptor) => [descriptor.digest, descriptor])).values()]
  }

  async close(): Promise<void> {
    const archives = [...this.#archives.values()]
    this.#archives.clear()
    for (const opening of archives) {
      await opening.then(
        (archive) => archive.close(),
        () => undefined,
      )
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #export(name: string, options: OperationOptions): Promise<ArchiveSource> {
    const known = this.#archives.get(name)
    if (known !== undefined) return known
    const opening = this.#open(name, options)
    this.#archives.set(name, opening)
    opening.catch(() => this.#archives.delete(name))
    return opening
  }

  async #open(name: string, options: OperationOptions): Promise<ArchiveSource> {
    try {
      await this.#connection.getJson(
        `/images/${name}/json`,
        `find ${shownName(name)} in ${this.display}`,
        options,
      )
    } catch (error) {
      if (error instanceof NotFoundError) throw nameNotFound(this.display, name, await this.#names(options))
      throw error
    }
    const action = `export ${shownName(name)} from ${this.display}`
    const stream = await this.#connection.get(`/images/${name}/get`, action, options)
    try {
      return await openDockerArchive(stream, {
        ...this.#options,
        ...options,
        display: `${this.display}:${name}`,
      })
    } catch (error) {
      throw this.#connection.connectionError(action, error)
    }
  }

  async #names(options: OperationOptions): Promise<readonly string[]> {
    const names: string[] = []
    for await (const name of this.tags(options)) names.push(name)
    return names
  }
}
