import { statementPayloadType } from '../bundle/read-bundle.ts'
import type { MadeSignature } from './types.ts'

/** An envelope as JSON (https://github.com/secure-systems-lab/dsse/blob/master/envelope.md), with one signature. */
export interface Envelope {
  /** Base64. */
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly [{ readonly sig: string }]
}

/** The envelope around a statement that was signed. */
export function envelopeOf(payload: Uint8Array, { signature }: MadeSignature): Envelope {
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType: statementPayloadType,
    signatures: [{ sig: Buffer.from(signature).toString('base64') }],
  }
}
