import { type Digest, digestAlgorithm, digestHex } from '../../oci/index.ts'

/** One subject of a statement. */
interface SubjectParts {
  /** An image is named by its repository, or left without a name. */
  readonly name?: string | undefined
  readonly digest: Digest
  /** What the signer says of it besides (`cosign sign -a`). */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** What a statement is made of. */
export interface StatementParts {
  /** What it is about, at least one. */
  readonly subjects: readonly SubjectParts[]
  /** A URI. */
  readonly predicateType: string
  /** Anything that JSON can say. */
  readonly predicate: unknown
}

/**
 * An in-toto statement v1 as UTF-8 JSON
 * (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md), ready to be signed.
 */
export function inTotoStatement({ subjects, predicateType, predicate }: StatementParts): Uint8Array {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ name, digest, annotations }) => ({
      name,
      digest: { [digestAlgorithm(digest)]: digestHex(digest) },
      annotations,
    })),
    predicateType,
    predicate,
  }
  return Buffer.from(JSON.stringify(statement))
}
