import { setTimeout } from 'node:timers/promises'
import type { OperationOptions } from '../content/index.ts'
import { createTransport, type Transport } from '../http/index.ts'
import type { Reference } from '../oci/index.ts'
import type { RepositoryCredentials } from './authorizer.ts'
import {
  createCredentialsFinder,
  type CredentialsFinder,
  type GivenCredentials,
} from './credentials/index.ts'
import { hostTransports } from './host-transport.ts'
import { ManifestMemory } from './manifest-memory.ts'
import type { RegistryClientOptions } from './options.ts'
import type { UnreachableMirrors } from './read-first.ts'
import { RegistryHost } from './registry-host.ts'
import { RegistryProtocols } from './registry-protocols.ts'
import { RegistryRepository, type Repository } from './repository.ts'
import { RepositoryEndpoint } from './repository-endpoint.ts'
import { defaultChunkSize, type UploadHabits } from './upload-blob.ts'

/** Talks to registries; what it learns of one (protocol, tokens, habits) serves all its repositories. */
export interface RegistryClient {
  /** The repository that a reference is in; its tag and digest are not looked at. Nothing is asked yet. */
  repository(reference: Pick<Reference, 'domain' | 'path'>): Repository
  /**
   * Asks a registry whether it takes credentials, before they are stored.
   *
   * @param registry As names carry it: `docker.io`.
   * @returns `not-asked` when the registry lets everybody in without a question.
   * @throws {AccessRefusedError} when it refuses them.
   */
  checkCredentials(
    registry: string,
    credentials: GivenCredentials,
    options?: OperationOptions,
  ): Promise<'accepted' | 'not-asked'>
  /** Cancels uploads that nobody used and closes idle connections. */
  close(): Promise<void>
}

/**
 * Makes a {@link RegistryClient}; nothing is read or connected before it is needed.
 *
 * @example
 * const client = createRegistryClient({ environment: process.env })
 * const python = client.repository(parseReference('python:3.12-slim'))
 * const descriptor = await python.resolve('3.12-slim')
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  return new DistributionClient(options)
}

class DistributionClient implements RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #transport: Transport
  /** A mirror that fails is not waited for: the registry is asked instead. */
  #mirrorTransport: Transport | undefined
  readonly #findCredentials: CredentialsFinder
  readonly #memory = new ManifestMemory()
  readonly #protocols = new RegistryProtocols()
  readonly #unreachable: UnreachableMirrors = new Set()
  readonly #hosts = new Map<string, KnownHost>()
  readonly #mirrors = new Map<string, RegistryHost>()
  readonly #repositories = new Map<string, RegistryRepository>()

  constructor(options: RegistryClientOptions) {
    this.#options = options
    this.#transport = options.transport ?? createTransport(transportOptions(options))
    const { credentials: given, environment } = options
    this.#findCredentials = createCredentialsFinder({ given, environment })
  }

  repository({ domain, path }: Pick<Reference, 'domain' | 'path'>): Repository {
    const key = `${domain}/${path}`
    const known = this.#repositories.get(key)
    if (known !== undefined) return known
    const { host, habits } = this.#host(domain)
    const repository = new RegistryRepository({
      endpoint: new RepositoryEndpoint(host, path),
      mirrors: (this.#options.hosts?.[domain]?.mirrors ?? []).map((mirror) =>
        this.#mirrorEndpoint(mirror, domain, path),
      ),
      unreachable: this.#unreachable,
      memory: this.#memory,
      habits,
      foreignLayers: this.#options.foreignLayers ?? false,
    })
    this.#repositories.set(key, repository)
    return repository
  }

  async checkCredentials(
    registry: string,
    credentials: GivenCredentials,
    options: OperationOptions = {},
  ): Promise<'accepted' | 'not-asked'> {
    // A host of its own: what is known of this one came with other credentials.
    const host = this.#newHost(registry, async () => ({ source: 'what was entered', ...credentials }))
    const doing = `log in to ${registry}`
    const { signal } = options
    const response = await host.request({
      doing,
      method: 'GET',
      to: '',
      repository: undefined,
      scopes: [],
      signal,
    })
    // Some answer the ping with 404 and are registries all the same, once they have asked for credentials.
    if (response.status !== 200 && !(host.challenged && response.status === 404)) {
      throw await host.error(response, doing, undefined)
    }
    await response.discard()
    return host.challenged ? 'accepted' : 'not-asked'
  }

  async close(): Promise<void> {
    await Promise.all([...this.#repositories.values()].map((repository) => repository.close()))
    const transports = new Set([this.#transport, this.#mirrorTransport ?? this.#transport])
    await Promise.all([...transports].map((transport) => transport.close()))
  }

  /** `mirror.example:5000/prefix`: the repositories of the registry are below the prefix. */
  #mirrorEndpoint(mirror: string, registry: string, path: string): RepositoryEndpoint {
    const [name = '', ...prefix] = mirror.replace(/\/+$/, '').split('/')
    return new RepositoryEndpoint(this.#mirrorHost(name), [...prefix, path].join('/'), registry)
  }

  #mirrorHost(name: string): RegistryHost {
    const { transport } = this.#options
    this.#mirrorTransport ??= transport ?? createTransport({ ...transportOptions(this.#options), tries: 1 })
    const host =
      this.#mirrors.get(name) ?? this.#newHost(name, this.#storedCredentials(name), this.#mirrorTransport)
    this.#mirrors.set(name, host)
    return host
  }

  #host(name: string): KnownHost {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const { chunkSize = defaultChunkSize, wait = sleep } = this.#options
    const host = this.#newHost(name, this.#storedCredentials(name))
    const made = { host, habits: { chunkSize, oneRequestOnly: false, wait } }
    this.#hosts.set(name, made)
    return made
  }

  #storedCredentials(name: string): RepositoryCredentials {
    return (repository, options) => this.#findCredentials(name, repository, options)
  }

  #newHost(
    name: string,
    credentials: RepositoryCredentials,
    transport: Transport = this.#transport,
  ): RegistryHost {
    const { now = Date.now, hosts } = this.#options
    return new RegistryHost({
      transport,
      name,
      plainHttp: hosts?.[name]?.plainHttp ?? false,
      credentials,
      now,
      protocols: this.#protocols,
    })
  }
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })
}

interface KnownHost {
  readonly host: RegistryHost
  readonly habits: UploadHabits
}

function transportOptions(options: RegistryClientOptions): Parameters<typeof createTransport>[0] {
  const { environment, userAgent, requestsPerHost, onWait, onWarning, onExchange } = options
  return {
    host: hostTransports(options),
    ...(environment === undefined ? {} : { environment }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(requestsPerHost === undefined ? {} : { requestsPerHost }),
    ...(onWait === undefined ? {} : { onWait }),
    ...(onWarning === undefined ? {} : { onWarning }),
    ...(onExchange === undefined ? {} : { onExchange }),
  }
}
