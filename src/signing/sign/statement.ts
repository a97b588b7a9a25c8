import { type Digest, digestAlgorithm, digestHex } from '../../oci/index.ts'

/** What a statement is made of. */
export interface StatementParts {
  /** What it is about, at least one; an image is named by its repository or left without a name. */
  readonly subjects: readonly { readonly name: string; readonly digest: Digest }[]
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
    subject: subjects.map(({ name, digest }) => ({
      name,
      digest: { [digestAlgorithm(digest)]: digestHex(digest) },
    })),
    predicateType,
    predicate,
  }
  return Buffer.from(JSON.stringify(statement))
}
