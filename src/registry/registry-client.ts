import { createTransport, type Transport } from '../http/index.ts'
import type { Reference } from '../oci/index.ts'
import type { Credentials } from './credentials/credentials.ts'
import { ManifestMemory } from './manifest-memory.ts'
import type { RegistryClientOptions } from './options.ts'
import { type ProtocolMemory, RegistryHost } from './registry-host.ts'
import { RegistryRepository, type Repository } from './repository.ts'
import { RepositoryEndpoint } from './repository-endpoint.ts'
import { defaultChunkSize, type UploadHabits } from './upload-blob.ts'

/** Talks to registries; what it learns of one (protocol, tokens, habits) serves all its repositories. */
export interface RegistryClient {
  /** The repository that a reference is in; its tag and digest are not looked at. Nothing is asked yet. */
  repository(reference: Pick<Reference, 'domain' | 'path'>): Repository
  /** Cancels uploads that nobody used and closes idle connections. */
  close(): Promise<void>
}

/** Makes a {@link RegistryClient}; nothing is read or connected before it is needed. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  return new DistributionClient(options)
}

class DistributionClient implements RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #transport: Transport
  readonly #memory = new ManifestMemory()
  readonly #protocols: ProtocolMemory = new Map()
  readonly #hosts = new Map<string, KnownHost>()
  readonly #repositories = new Map<string, RegistryRepository>()

  constructor(options: RegistryClientOptions) {
    this.#options = options
    this.#transport = options.transport ?? createTransport({ userAgent: options.userAgent ?? 'lading' })
  }

  repository(reference: Pick<Reference, 'domain' | 'path'>): Repository {
    const { domain, path } = reference
    const key = `${domain}/${path}`
    const known = this.#repositories.get(key)
    if (known !== undefined) return known
    const { host, habits } = this.#host(domain)
    const repository = new RegistryRepository({
      endpoint: new RepositoryEndpoint(host, path),
      mirrors: [],
      memory: this.#memory,
      habits,
      foreignLayers: this.#options.foreignLayers ?? false,
    })
    this.#repositories.set(key, repository)
    return repository
  }

  async close(): Promise<void> {
    await Promise.all([...this.#repositories.values()].map((repository) => repository.close()))
    await this.#transport.close()
  }

  #host(name: string): KnownHost {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const { now = Date.now, chunkSize = defaultChunkSize, hosts } = this.#options
    const host = new RegistryHost({
      transport: this.#transport,
      name,
      plainHttp: hosts?.[name]?.plainHttp ?? false,
      credentials: async () => this.#credentials(name),
      now,
      protocol: this.#protocols,
    })
    const made = { host, habits: { chunkSize, oneRequestOnly: false } }
    this.#hosts.set(name, made)
    return made
  }

  #credentials(name: string): Credentials | undefined {
    const given = this.#options.credentials?.[name]
    return given === undefined ? undefined : { source: 'the options', ...given }
  }
}

interface KnownHost {
  readonly host: RegistryHost
  readonly habits: UploadHabits
}
