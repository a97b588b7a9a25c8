import type { Logger } from 'pino'
import type { Transport } from '../http/index.ts'
import type { Action } from './auth/gate.ts'

/** What a registry server is made of; each part has defaults that suit a machine of one's own. */
export interface ServerOptions {
  /** The folder that everything is kept in; made where it is missing. */
  readonly dataDirectory: string
  /** Default localhost, 5000; port 0 takes a free one. */
  readonly listen?: ListenAddress | undefined
  /** Speaks https with these files, which are read again when they change. */
  readonly tls?: TlsFiles | undefined
  /** A proxy in front speaks https and names client, host and scheme in `X-Forwarded-*`. Default false. */
  readonly behindTlsProxy?: boolean | undefined
  /** Listens beyond this machine without TLS. Default false. */
  readonly insecure?: boolean | undefined
  /** How clients reach the server, where that is not how the request says it: `https://registry.example`. */
  readonly externalUrl?: string | undefined
  /** Who may do what; default: everybody who can connect, everything. */
  readonly access?: AccessOptions | undefined
  readonly limits?: LimitOptions | undefined
  readonly immutableTags?: readonly ImmutableTags[] | undefined
  readonly collection?: CollectionOptions | undefined
  /** Default: nothing is logged. */
  readonly log?: Logger | undefined
  /** Fetches the documents of outside issuers. */
  readonly transport?: Transport | undefined
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** PEM files. */
export interface TlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
}

/** Who may do what. With a htpasswd file and no rules, every user of it may do everything. */
export interface AccessOptions {
  /** bcrypt entries as `htpasswd -B` writes them; read again when the file changes. */
  readonly htpasswdFile?: string | undefined
  /** Users by group. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined
  readonly rules?: readonly AccessRule[] | undefined
  /** Outside issuers of tokens that workloads bring. */
  readonly issuers?: readonly TrustedIssuer[] | undefined
  /** How long an own token is good for. Default 300 seconds. */
  readonly tokenLifetimeSeconds?: number | undefined
}

/** Lets somebody do something; what no rule allows is refused. */
export interface AccessRule {
  /** A pattern over whole names: `team/**`, `library/*`, `**`. */
  readonly repositories: string
  readonly users?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  /** Everybody, also who shows nothing. */
  readonly anonymous?: boolean | undefined
  /** Everybody who showed a right password. */
  readonly authenticated?: boolean | undefined
  readonly workloads?: readonly WorkloadMatch[] | undefined
  readonly allow: readonly Action[]
}

/** Which tokens of an outside issuer a rule is for: all of these claims match. */
export interface WorkloadMatch {
  readonly issuer: string
  /** By claim, a pattern in which `*` stands for any text. */
  readonly claims: Readonly<Record<string, string>>
}

/** An outside issuer, found by OIDC discovery. */
export interface TrustedIssuer {
  /** As the `iss` claim says it: `https://token.actions.githubusercontent.com`. */
  readonly url: string
  /** What the `aud` claim must have. */
  readonly audience: string
  /** A PEM file of the authorities to trust for it, as Kubernetes clusters need it. */
  readonly caFile?: string | undefined
}

/** Bounds. */
export interface LimitOptions {
  /** Default 64 GiB. */
  readonly maxBlobBytes?: number | undefined
  /** Default 4 MiB, which the specification wants at least. */
  readonly maxManifestBytes?: number | undefined
  /** The most bytes that a repository may hold; default: no bound. */
  readonly maxRepositoryBytes?: number | undefined
  /** A client address's requests a minute, on average; default: no bound. */
  readonly requestsPerMinute?: number | undefined
  /** Connections at once. Default 10,000. */
  readonly maxConnections?: number | undefined
}

/** Tags that stay with their digest once they are set. */
export interface ImmutableTags {
  readonly repositories: string
  /** Globs over tags: `v*`. */
  readonly tags: readonly string[]
}

/** When what nobody needs is removed. */
export interface CollectionOptions {
  /** How long what lost its last reference stays. Default 7 days. */
  readonly gracePeriodSeconds?: number | undefined
  /** How long an upload may lie still. Default 24 hours. */
  readonly uploadExpirySeconds?: number | undefined
  /** How long a condemned blob waits for its deletion. Default 600. */
  readonly condemnedSeconds?: number | undefined
  /** Time between two rounds. Default 60; 0 collects nothing. */
  readonly intervalSeconds?: number | undefined
}
