/** What `lading referrers` tells of an image; `--json` prints it as it is. What is not known is null. */
export interface AttachedImage {
  /** As it was named. */
  readonly image: string
  /** `NAME@DIGEST`. */
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  /** What is attached to the manifest or index itself. */
  readonly attached: readonly Attached[]
  /** The images of an index; null for a single manifest. */
  readonly platforms: readonly AttachedPlatform[] | null
}

/** One image of an index. */
export interface AttachedPlatform {
  readonly platform: string | null
  readonly digest: string
  readonly attached: readonly Attached[]
}

/** Something attached to a manifest. */
export interface Attached {
  /** Its artifact type; where it states none: the type of its config, or of its first layer where the config says nothing. */
  readonly type: string | null
  readonly digest: string
  readonly mediaType: string
  /** Bytes of manifest, config and layers together. */
  readonly size: number
  /** How it is attached: it names its subject, a tag of cosign's names the subject's digest, or it stands in the same index. */
  readonly via: 'referrer' | 'tag' | 'index'
  readonly tag: string | null
  /** RFC 3339, as it says. */
  readonly created: string | null
  /** What its in-toto statements say of the subject. */
  readonly predicateTypes: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
  /** Who says to have signed, where it is a signature or an attestation. **Not verified**: anybody can claim anything. */
  readonly claims: readonly SignerClaim[]
  /** What is attached to it in turn. */
  readonly attached: readonly Attached[]
}

/** Who says to have signed. */
export interface SignerClaim {
  /** The certificate's subject alternative name; null for a key, which claims no name. */
  readonly identity: string | null
  /** Who is said to have vouched for it. */
  readonly issuer: string | null
}
