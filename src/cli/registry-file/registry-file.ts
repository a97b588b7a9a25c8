import type { AccessRule, ImmutableTags, LogLevel, TrustedIssuer } from '../../server/index.ts'

/** What `registry.yaml` may say. Paths are meant from the folder that the file lies in. */
export interface RegistryFile {
  readonly data?: string | undefined
  readonly listen?: string | undefined
  readonly externalUrl?: string | undefined
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  readonly behindTlsProxy?: boolean | undefined
  readonly insecure?: boolean | undefined
  readonly access?: AccessSection | undefined
  readonly limits?: LimitsSection | undefined
  readonly immutableTags?: ImmutableTags[] | undefined
  readonly collection?: CollectionSection | undefined
  readonly log?: { readonly level?: LogLevel | undefined } | undefined
}

/** Who may do what. */
export interface AccessSection {
  readonly htpasswd?: string | undefined
  readonly groups?: Record<string, string[]> | undefined
  readonly rules?: AccessRule[] | undefined
  readonly issuers?: TrustedIssuer[] | undefined
  readonly tokenLifetime?: string | undefined
}

/** Bounds; sizes with their unit. */
export interface LimitsSection {
  readonly blobSize?: string | undefined
  readonly manifestSize?: string | undefined
  readonly repositorySize?: string | undefined
  readonly requestsPerMinute?: number | undefined
  readonly connections?: number | undefined
}

/** When what nobody needs is removed; times with their unit. */
export interface CollectionSection {
  readonly gracePeriod?: string | undefined
  readonly uploadExpiry?: string | undefined
  readonly condemned?: string | undefined
  readonly interval?: string | undefined
}
