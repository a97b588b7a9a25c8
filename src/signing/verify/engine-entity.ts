import { type SignedEntity, toSignedEntity } from '@sigstore/verify'
import type { ReadBundle } from '../bundle/read-bundle.ts'
import { notVerified } from '../errors.ts'
import type { ProvedTime } from '../types.ts'
import { keepCertificate } from '../trust/keep-certificate.ts'
import type { ReadArtifact } from './read-artifact.ts'
import { signedEnvelope, signedMessage } from './signed-message.ts'

/**
 * A bundle as the engine takes it, with signatures that stand on the artifact and not on what the bundle claims of it.
 *
 * @throws {NotVerifiedError} of the check `format`.
 */
export function engineEntity(
  { bundle, content, certificate }: ReadBundle,
  found: ReadArtifact,
): SignedEntity {
  let entity: SignedEntity
  try {
    entity = toSignedEntity(bundle)
    const { key } = entity
    // The engine verifies what it writes anew of what it read: both must be the bytes that the signer is read from.
    if (key.$case === 'certificate') {
      keepCertificate(key.certificate)
      if (certificate?.equals(key.certificate['root'].toDER()) !== true)
        throw new Error('the certificate is not DER')
    }
  } catch (error) {
    throw notVerified(
      'format',
      `what is in the bundle cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
  return {
    ...entity,
    signature: content.kind === 'message' ? signedMessage(content, found) : signedEnvelope(content),
  }
}

/** The times that a bundle brings, earliest first; the engine believes all of them or throws. */
export function claimedTimes({ timestamps }: SignedEntity): readonly ProvedTime[] {
  const times = timestamps.flatMap((one): ProvedTime[] => {
    if (one.$case === 'timestamp-authority')
      return [{ at: signingTime(one.timestamp), by: 'timestamp-authority' }]
    const { inclusionPromise, integratedTime } = one.tlogEntry
    return inclusionPromise === undefined ? [] : [{ at: new Date(Number(integratedTime) * 1000), by: 'log' }]
  })
  return times.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

function signingTime(timestamp: { readonly signingTime: Date; readonly status: bigint }): Date {
  try {
    // RFC 3161 section 2.4.2: granted, or granted with modifications.
    if (timestamp.status === 0n || timestamp.status === 1n) return timestamp.signingTime
  } catch (error) {
    throw notVerified('format', 'a timestamp cannot be read', error)
  }
  throw notVerified('time', 'a timestamp was refused by its authority')
}
