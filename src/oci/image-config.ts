import type { Digest } from './digest.ts'
import type { Platform } from './platform.ts'

/** An image's config: its platform, how it runs, what its layers are (OCI image specification, config.md). */
export interface ImageConfig {
  /** RFC 3339, as written. */
  readonly created?: string | undefined
  readonly author?: string | undefined
  /** Empty texts where the config does not say. */
  readonly platform: Platform
  readonly config: RuntimeConfig
  readonly rootfs: {
    readonly type: string
    /** Digests of the uncompressed layers, bottom first. */
    readonly diffIds: readonly Digest[]
  }
  /** Oldest first. */
  readonly history: readonly HistoryEntry[]
}

/** How a container of the image runs. What is absent and what is empty mean the same; a list that a runtime tells apart stays absent. */
export interface RuntimeConfig {
  readonly user?: string | undefined
  readonly workingDir?: string | undefined
  readonly stopSignal?: string | undefined
  readonly entrypoint?: readonly string[] | undefined
  readonly cmd?: readonly string[] | undefined
  /** `NAME=value` */
  readonly env: readonly string[]
  /** `80/tcp`, as written. */
  readonly exposedPorts: readonly string[]
  readonly volumes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Docker's; not in the OCI specification. */
  readonly healthcheck?: Healthcheck | undefined
  /** Docker's. */
  readonly shell?: readonly string[] | undefined
  /** Docker's. */
  readonly onBuild: readonly string[]
  /** Docker's, for Windows. */
  readonly argsEscaped?: boolean | undefined
}

/** Docker's health check; times in nanoseconds, as Go writes them. */
export interface Healthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', command]`; empty: that of the base image. */
  readonly test: readonly string[]
  readonly interval?: number | undefined
  readonly timeout?: number | undefined
  readonly startPeriod?: number | undefined
  readonly startInterval?: number | undefined
  readonly retries?: number | undefined
}

/** One step of an image's making. */
export interface HistoryEntry {
  readonly created?: string | undefined
  readonly createdBy?: string | undefined
  readonly author?: string | undefined
  readonly comment?: string | undefined
  /** The step made no layer. */
  readonly emptyLayer: boolean
}
