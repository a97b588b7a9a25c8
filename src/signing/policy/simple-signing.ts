import type { Digest } from '../../oci/index.ts'
import { asRecord, readJson, textIn } from '../evidence/read-json.ts'
import type { ClaimFailure } from './claim-failure.ts'

/** What cosign's older signatures say that they are, in `critical.type`. */
export const cosignSignatureType = 'cosign container image signature'

/**
 * What keeps a simple signing payload, whose signature was verified, from being about an image: it names another manifest, or it is
 * a payload of another kind (containers/image, docs/containers-signature.5.md; cosign's SIGNATURE_SPEC.md).
 */
export function checkSimpleSigning(payload: Uint8Array, subject: Digest): ClaimFailure | undefined {
  const critical = asRecord(asRecord(readJson(payload))?.['critical'])
  if (critical === undefined) return fails('its payload is not one of simple signing')
  const type = textIn(critical, 'type')
  if (type !== cosignSignatureType)
    return fails(
      `its payload is a ${JSON.stringify(type ?? null)}, not a ${JSON.stringify(cosignSignatureType)}`,
    )
  const digest = textIn(critical['image'], 'docker-manifest-digest')
  return digest === subject
    ? undefined
    : { check: 'artifact', message: `it is about ${digest ?? 'nothing that it names'}, not about ${subject}` }
}

function fails(message: string): ClaimFailure {
  return { check: 'payload', message }
}
