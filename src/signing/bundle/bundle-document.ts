type Maybe<Value> = Value | null | undefined

interface RawBytes {
  readonly rawBytes: string
}

/** An entry of a transparency log in a bundle; numbers are decimal text, bytes are base64. */
export interface LogEntryDocument {
  readonly logIndex: string
  readonly logId: { readonly keyId: string }
  readonly kindVersion: { readonly kind: string; readonly version: string }
  readonly integratedTime: string
  readonly inclusionPromise?: Maybe<{ readonly signedEntryTimestamp: string }>
  readonly inclusionProof?: Maybe<{
    readonly logIndex: string
    readonly rootHash: string
    readonly treeSize: string
    readonly hashes: readonly string[]
    readonly checkpoint: { readonly envelope: string }
  }>
  readonly canonicalizedBody: string
}

/** A bundle whose shape was checked. */
export interface BundleDocument {
  readonly mediaType: string
  readonly verificationMaterial: {
    readonly x509CertificateChain?: Maybe<{ readonly certificates: readonly RawBytes[] }>
    readonly certificate?: Maybe<RawBytes>
    readonly publicKey?: Maybe<{ readonly hint: string }>
    readonly tlogEntries?: Maybe<readonly LogEntryDocument[]>
    readonly timestampVerificationData?: Maybe<{
      readonly rfc3161Timestamps?: Maybe<readonly { readonly signedTimestamp: string }[]>
    }>
  }
  readonly messageSignature?: Maybe<{
    readonly messageDigest: {
      readonly algorithm: 'SHA2_256' | 'SHA2_384' | 'SHA2_512'
      readonly digest: string
    }
    readonly signature: string
  }>
  readonly dsseEnvelope?: Maybe<{
    readonly payload: string
    readonly payloadType: string
    readonly signatures: readonly { readonly sig: string }[]
  }>
}
