import type { Digest } from './digest.ts'
import type { Platform } from './platform.ts'

/** Names any content: what it is, which bytes, how many (OCI image specification, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly artifactType?: string
  /** The content itself, decoded from base64; not verified until it is read as content. */
  readonly data?: Uint8Array
  /** Where foreign layers may be downloaded; never followed unless asked. */
  readonly urls?: readonly string[]
}
