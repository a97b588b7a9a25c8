import type { Logger } from 'pino'

/** What a request tells the log and the metrics about itself while it is handled. */
export interface RequestTrace {
  readonly id: string
  readonly log: Logger
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** The kind of endpoint, for metrics: `manifest`, `blob`, `upload`, `tags`, `catalog`, `referrers`, `base`, … */
  route: string
  repository: string | undefined
  /** Who sent it, as far as it is known. */
  user: string | undefined
}
