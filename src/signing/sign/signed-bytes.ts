import { preAuthenticationEncoding } from '../bundle/pre-authentication-encoding.ts'
import { statementPayloadType } from '../bundle/read-bundle.ts'
import type { SignedContent } from './types.ts'

/** The bytes that a signature over the content is over: the envelope's encoding of a statement, or the bytes themselves. */
export function signedBytes(content: SignedContent): Uint8Array {
  return content.kind === 'statement'
    ? preAuthenticationEncoding(statementPayloadType, content.payload)
    : content.bytes
}
