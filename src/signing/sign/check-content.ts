import { Readable } from 'node:stream'
import { UsageError } from '../../errors/index.ts'
import { isDigest } from '../../oci/index.ts'
import { maxPayloadBytes } from '../bundle/bundle-schema.ts'
import { readStatement } from '../bundle/read-statement.ts'
import type { Artifact } from '../types.ts'
import type { SignedContent } from './types.ts'

/**
 * Checks before anybody is asked that what is to be signed can be verified: a statement that is one, no larger than a
 * bundle holds, about at least one digest.
 *
 * @returns what it is about: the bytes, or a digest that the statement names.
 * @throws {UsageError} it cannot. {@link NotVerifiedError} it is no statement.
 */
export function checkContent(content: SignedContent): Artifact {
  if (content.kind === 'message') return { open: () => Readable.from([content.bytes]) }
  if (content.payload.length > maxPayloadBytes)
    throw new UsageError(
      `Cannot sign the statement: it has ${content.payload.length} bytes, and a bundle holds ${maxPayloadBytes}`,
    )
  const known = readStatement(content.payload)
    .subjects.flatMap(({ digest }) => Object.entries(digest))
    .map(([algorithm, hex]) => `${algorithm}:${hex}`)
    .find(isDigest)
  if (known === undefined) throw new UsageError('Cannot sign the statement: no subject of it has a digest')
  return { digests: [known] }
}
