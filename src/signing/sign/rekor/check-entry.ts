import { createPublicKey } from 'node:crypto'
import * as v from 'valibot'
import type { LogEntryDocument } from '../../bundle/bundle-document.ts'
import { logEntrySchema } from '../../bundle/bundle-schema.ts'
import { firstIssue } from '../../bundle/first-issue.ts'
import { NotVerifiedError } from '../../errors.ts'
import { checkLogSigner } from '../../verify/check-log-signer.ts'
import { SigningServiceError } from '../errors.ts'
import type { MadeSignature } from '../types.ts'

/**
 * An entry that a log gave, in the shape that a bundle takes: of the kind that was asked for, and about this signer. That
 * it is about this content, and in the log, is verified with the bundle.
 *
 * @throws {SigningServiceError}
 */
export function checkEntry(
  entry: unknown,
  kind: string,
  { material }: MadeSignature,
  doing: string,
): LogEntryDocument {
  const result = v.safeParse(logEntrySchema, entry, { abortEarly: true })
  if (!result.success)
    throw new SigningServiceError(`Cannot ${doing}: the entry cannot be read: ${firstIssue(result.issues)}`)
  const { kindVersion } = result.output
  if (`${kindVersion.kind} ${kindVersion.version}` !== kind)
    throw new SigningServiceError(
      `Cannot ${doing}: the entry is a ${kindVersion.kind} ${kindVersion.version}, and not a ${kind}`,
    )
  try {
    checkLogSigner(
      result.output,
      material.kind === 'certificate'
        ? { kind: 'certificate', whole: Buffer.from(material.certificate) }
        : {
            kind: 'key',
            spki: createPublicKey(material.publicKeyPem).export({ format: 'der', type: 'spki' }),
          },
    )
  } catch (error) {
    // What a hostile log makes of its body is JSON or not.
    if (!(error instanceof NotVerifiedError || error instanceof SyntaxError)) throw error
    throw new SigningServiceError(`Cannot ${doing}: the entry is about another signer`, { cause: error })
  }
  return result.output
}
