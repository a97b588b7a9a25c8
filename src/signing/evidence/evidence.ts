import type { Digest } from '../../oci/index.ts'

/** Where evidence was found. */
export type EvidencePlace =
  /** A manifest whose `subject` is the image. */
  | { readonly kind: 'referrer'; readonly digest: Digest }
  /** A layer under one of cosign's older tags `<alg>-<hex>.sig` and `.att`. */
  | { readonly kind: 'tag'; readonly tag: string; readonly layer: Digest }
  /** GitHub's attestation API; `owner` is `OWNER` or `OWNER/NAME`, `number` counts from 1. */
  | { readonly kind: 'github'; readonly owner: string; readonly number: number }
  /** A file of bundles; lines from 1. */
  | { readonly kind: 'file'; readonly path: string; readonly line: number }

/** What evidence holds. Nothing of it is verified. */
export type EvidenceContent =
  /** A Sigstore bundle, as JSON that was only parsed; `envelope` is its envelope's JSON where that was found by itself. */
  | { readonly kind: 'bundle'; readonly bundle: unknown; readonly envelope?: Uint8Array }
  /** cosign's older signature: `bundle` is about the bytes of `payload`, and those name the image. */
  | { readonly kind: 'simple-signing'; readonly bundle: unknown; readonly payload: Uint8Array }
  /** It is there and cannot be read; anybody may have put it there, so that this says nothing about what else there is. */
  | { readonly kind: 'unreadable'; readonly reason: string }

/** A signature or attestation that an image may have: found, and **not verified**. */
export interface Evidence {
  readonly place: EvidencePlace
  /** What it may be about: the manifest that it was listed for, or with a file's all that are asked about. */
  readonly subjects: readonly Digest[]
  readonly content: EvidenceContent
}
