import type { Digest } from '../oci/index.ts'

/** What a `lading.lock` says: which images a project stands on, and who published them. */
export interface Lock {
  /** By canonical name and tag, `docker.io/library/python:3.12`; by name, tag and digest where the sources have one. */
  readonly images: Readonly<Record<string, LockedImage>>
  /** By repository, `docker.io/library/python`: who signs its images. Not empty. */
  readonly signers: Readonly<Record<string, readonly RememberedSigner[]>>
}

/** One image that is locked. */
export interface LockedImage {
  /** Of the index, or of the manifest where there is none. */
  readonly digest: Digest
  readonly mediaType: string
  /** Of the index or manifest itself; bytes. */
  readonly size: number
  /** When the digest was first seen here: ISO 8601 in UTC, whole seconds. */
  readonly resolvedAt: string
  /** The manifest of each platform of interest, by platform as `formatPlatform` writes it. Attestations are none. */
  readonly platforms: Readonly<Record<string, Digest>>
  /** Where the project names it: `Dockerfile#FROM:builder`. Sorted. */
  readonly usedBy: readonly string[]
  readonly signatures: LockedSignatures
}

/** What is known of an image's signatures. */
export type LockedSignatures =
  | {
      readonly status: 'verified'
      readonly searched: readonly SearchedPlace[]
      readonly acceptedBy: AcceptedBy
      readonly evidence: LockedEvidence
    }
  /** Everywhere was looked, and nothing there verifies. */
  | {
      readonly status: 'none-found'
      readonly searched: readonly SearchedPlace[]
      readonly acceptedBy: AcceptedBy
    }
  /** A rule of `lading.yaml` takes the image unsigned. */
  | { readonly status: 'not-asked'; readonly acceptedBy: AcceptedBy }

/** Where signatures were looked for: in the image's own repository, in GitHub's attestation store. */
export type SearchedPlace = 'registry' | 'github'

/**
 * What let an image in: a rule of `lading.yaml`, by its image pattern; that it, or another image of its repository, was taken as it
 * was found; or somebody who said `--accept-signer`.
 */
export type AcceptedBy = 'first-use' | 'accept-signer' | { readonly rule: string }

/** What of a verified signature changes with every release. */
export interface LockedEvidence {
  /** The manifest that the signature is about. */
  readonly subject: Digest
  /** Absent where the signature is over the image alone and states nothing. */
  readonly predicateType?: string | undefined
  /** The source's ref, `refs/tags/0.9.0`. */
  readonly sourceRef?: string | undefined
  /** The source's commit, hex. */
  readonly sourceCommit?: string | undefined
  /** The transparency log and the index in it: `https://rekor.sigstore.dev 123456`. */
  readonly logEntry?: string | undefined
  /** Of the bundle as JSON without blanks, as `.lading/proofs/` keeps it. */
  readonly bundle: Digest
}

/** Who signed images of a repository, proved by a signature that verified: what stays the same from release to release. */
export type RememberedSigner =
  | {
      /** The OIDC issuer. */
      readonly issuer: string
      /** The certificate's subject alternative name, without the `@ref` of a workflow. */
      readonly identity: string
      /** URI. */
      readonly sourceRepositoryOwner?: string | undefined
      /** URI. */
      readonly sourceRepository?: string | undefined
      /** What the forge knows the repository by: a name that is given to somebody else has another one. */
      readonly sourceRepositoryId?: string | undefined
      /** The workflow at the top, without its `@ref`, where that is not the one that signed. */
      readonly workflow?: string | undefined
    }
  /** SHA-256 of the public key's SubjectPublicKeyInfo. */
  | { readonly key: Digest }
