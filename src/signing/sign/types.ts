import type { OperationOptions } from '../../content/index.ts'
import type { HashName } from '../bundle/read-bundle.ts'

/** What a signature is verified with. */
export type VerificationMaterial =
  /** A certificate in DER, and those between it and the root where the authority gave them. */
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array; readonly chain: readonly Uint8Array[] }
  /** A public key as PEM (SubjectPublicKeyInfo). */
  | { readonly kind: 'key'; readonly publicKeyPem: string }

/** A signature and what it is verified with. */
export interface MadeSignature {
  /** ECDSA as DER. */
  readonly signature: Uint8Array
  /** What was hashed with to sign; for Ed25519, which hashes by itself, how the signed bytes are named. */
  readonly hash: HashName
  readonly material: VerificationMaterial
}

/**
 * Who signs: a key, or somebody whom a certificate authority gives a certificate for a key that lives as long as the
 * process. One signer may sign many times; a certificate that is too old is asked for anew.
 */
export interface BundleSigner {
  /** As a person reads it, without secrets: the file of a key, the identity and issuer of a token. */
  readonly display: string
  /** Signs bytes as they are: the pre-authentication encoding of an envelope, or an artifact. */
  sign(bytes: Uint8Array, options?: OperationOptions): Promise<MadeSignature>
}

/** What is signed. */
export type SignedContent =
  /** An in-toto statement as JSON: an envelope (DSSE) is made of it. */
  | { readonly kind: 'statement'; readonly payload: Uint8Array }
  /** Bytes as they are. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }

/**
 * Who sees what was signed, and says when: transparency logs and time-stamping authorities. Which, a signing config says.
 */
export interface Witnesses {
  readonly logs: readonly LogWitness[]
  readonly timestampAuthorities: readonly TimestampWitness[]
}

/** A transparency log that takes entries. */
export interface LogWitness {
  readonly url: string
  /** Gives the entry as a bundle carries it in `verificationMaterial.tlogEntries[]` (JSON form of the protobuf). */
  witness(content: SignedContent, made: MadeSignature, options?: OperationOptions): Promise<unknown>
}

/** A time-stamping authority (RFC 3161). */
export interface TimestampWitness {
  readonly url: string
  /** Gives the signed timestamp (a TimeStampResp in DER) over the signature's bytes. */
  timestamp(signature: Uint8Array, options?: OperationOptions): Promise<Uint8Array>
}
