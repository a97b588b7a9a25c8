/** The bytes that an envelope's signature is over (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md). */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8')
  const head = Buffer.from(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `, 'utf8')
  return Buffer.concat([head, payload])
}
