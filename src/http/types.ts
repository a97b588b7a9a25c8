import type { Readable } from 'node:stream'

/** Options of {@link createTransport}; each may be left out. */
export interface TransportOptions {
  /** Environment to read `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` (either case) from; default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Per host (`name[:port]`): certificates, plain http, unverified TLS. */
  readonly host?: (host: string) => Promise<HostTransport>
  /** The value of `User-Agent`. */
  readonly userAgent?: string
  /**
   * Requests under way to one origin at a time, from sending until the answer's body has ended; default 8. Requests
   * whose body is a stream are counted apart, up to the same number, as their body may be such an answer.
   */
  readonly requestsPerHost?: number
  /** How often a request that can be repeated is tried in all; default 5. */
  readonly tries?: number
  /** The longest wait that a server may ask for before the request fails instead; seconds, default 300. */
  readonly maxRetryAfter?: number
  /** How long to wait for a connection, for an answer's head, for the next bytes of a body; milliseconds. */
  readonly timeouts?: { readonly connect?: number; readonly headers?: number; readonly body?: number }
  /** Called before a wait, for progress. */
  readonly onWait?: (wait: HttpWait) => void
  /** Called with the text of each `Warning: 299` header, once per distinct text. */
  readonly onWarning?: (warning: { readonly host: string; readonly text: string }) => void
  /** Called once per request sent and answered, for `--debug`; URLs are redacted, headers are not given. */
  readonly onExchange?: (exchange: HttpExchange) => void
}

/** How one host is spoken to. */
export interface HostTransport {
  /** Additional certificate authorities, PEM. */
  readonly ca?: readonly string[]
  /** Client certificate and key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string }
  /** Take any certificate; only ever by explicit configuration. */
  readonly skipTlsVerify?: boolean
}

/** A wait before a request is repeated. */
export interface HttpWait {
  readonly host: string
  readonly seconds: number
  readonly reason: 'rate-limited' | 'server-error' | 'connection'
}

/** One request and its answer. */
export interface HttpExchange {
  readonly method: string
  /** Redacted. */
  readonly url: string
  /** 0 when the connection failed. */
  readonly status: number
  readonly milliseconds: number
}

/** A request. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Bytes, or a function that opens the body anew for every try (a token renewed in the middle, a
   * connection reset). A body needs `length`.
   */
  readonly body?: Uint8Array | { readonly length: number; readonly open: () => Promise<Readable> }
  readonly signal?: AbortSignal | undefined
  /** Whether the same request may be sent twice; default: true for GET, HEAD, PUT and DELETE, false for POST and PATCH. 429 is always repeated. */
  readonly repeatable?: boolean
  /** How long to wait for the answer's head once the request is sent, where a server needs more than usual; milliseconds. */
  readonly headersTimeout?: number
  /**
   * What to do with 301, 302, 303, 307, 308. `follow` (default for GET and HEAD; at most 10): `Authorization` and
   * `Cookie` are dropped as soon as the way leads to another origin; with another method than GET and HEAD only
   * 307 and 308 are followed. `manual` (default else): the answer is given as it is.
   */
  readonly redirect?: 'follow' | 'manual'
  /**
   * The origin on whose behalf the request is made (the registry). When that one is a public address,
   * a URL of another origin (realm, redirect, upload location) that connects to a private, loopback or
   * link-local address is refused, and so is a step from https to http. Default: the URL's own origin.
   */
  readonly onBehalfOf?: URL
}

/** An answer. Its body must be read, or discarded. */
export interface HttpResponse {
  readonly status: number
  /** The URL that answered, after redirects. */
  readonly url: URL
  /** A header's value by its lower-case name; several are joined by ", ". */
  header(name: string): string | undefined
  /** All values of a header that may come several times, as `www-authenticate`. */
  headerValues(name: string): readonly string[]
  readonly body: Readable
  /** The whole body. @throws {HttpBodyTooLargeError} past `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>
  /** Reads the body's rest away, so that the connection can be used again; closes it when there is much left. Never rejects. */
  discard(): Promise<void>
}

/** Sends requests: keep-alive, proxies, certificates, retries, time limits, guard of addresses. */
export interface Transport {
  /**
   * Gives the answer whatever its status (429 and 5xx after the tries ran out).
   *
   * @throws {HttpConnectionError} no answer could be had: name, connection, TLS, time.
   * @throws {HttpRefusedError} the guard refused an address, a scheme or a redirect.
   */
  request(request: HttpRequest): Promise<HttpResponse>
  /** Closes every connection; what is still under way ends in an error. */
  close(): Promise<void>
}
