import type { HttpExchange, HttpWait, Transport } from '../http/index.ts'
import type { GivenCredentials } from './credentials/index.ts'

/** How one registry is spoken to, by configuration. */
export interface HostSettings {
  /** Speak plain http; default: https, and http only to a server of this machine that knows nothing else. */
  readonly plainHttp?: boolean | undefined
  /** Files with certificate authorities to trust besides the system's, PEM. */
  readonly caFiles?: readonly string[] | undefined
  /** Take any certificate; default false. */
  readonly skipTlsVerify?: boolean | undefined
  /** Hosts to read from first, in this order: `host[:port][/prefix]`. What they do not give comes from the registry. */
  readonly mirrors?: readonly string[] | undefined
}

/** Options of {@link createRegistryClient}; each may be left out. */
export interface RegistryClientOptions {
  /**
   * The environment: `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`, `XDG_RUNTIME_DIR`, `HOME`, `PATH` (for credential
   * helpers) and the proxies are read from it; default: none of it, and no stored credentials.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Credentials for one registry that come before all stored ones: `{ 'ghcr.io': { username, password } }`. */
  readonly credentials?: Readonly<Record<string, GivenCredentials>>
  /** Settings by registry: `docker.io`, `registry.example:5000`. */
  readonly hosts?: Readonly<Record<string, HostSettings>>
  /** Directories with `<host[:port]>/{*.crt, *.cert, *.key}`; default: docker's and podman's. */
  readonly certificateDirectories?: readonly string[]
  /** `User-Agent`; default `lading`. */
  readonly userAgent?: string
  /** The most bytes to upload in one request; default 95 MiB, as proxies refuse more than 100 MB. */
  readonly chunkSize?: number
  /** Whether to download foreign layers from where their publishers have them; default false. */
  readonly foreignLayers?: boolean
  /** Requests under way to one host at a time; default 8. */
  readonly requestsPerHost?: number
  /** Called before a wait: `{ host, seconds, reason }`. */
  readonly onWait?: (wait: HttpWait) => void
  /** Called with each distinct warning of a registry. */
  readonly onWarning?: (warning: { readonly host: string; readonly text: string }) => void
  /** Called for each request that was answered. */
  readonly onExchange?: (exchange: HttpExchange) => void
  /** Sends the requests; default: one made from these options. It is closed with the client. */
  readonly transport?: Transport
  /** Milliseconds since 1970; default: the clock. */
  readonly now?: () => number
  /** Waits some milliseconds before an upload goes on after a failure; default: a timer. */
  readonly wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}
