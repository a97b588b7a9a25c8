import { derChildren, DerError, type DerValue, objectIdentifier, readDer } from '../bundle/read-der.ts'

/**
 * Checks that a reply (TimeStampResp, section 2.4.2) grants a timestamp over what was asked, for this request. Who signed
 * it, and with which certificate, is verified with the bundle.
 *
 * @param imprint the MessageImprint that was asked about, DER
 * @param nonce the INTEGER that was sent, DER
 * @throws {DerError} whose message ends the sentence "Cannot get a timestamp: …".
 */
export function checkTimestampReply(reply: Buffer, imprint: Buffer, nonce: Buffer): void {
  const [status, token] = derChildren(expect(readDer(reply), 0x30))
  const code = derChildren(expect(status, 0x30))[0]
  const granted = code?.tag === 0x02 && code.content.length === 1 && (code.content[0] ?? 9) <= 1
  if (!granted) throw new DerError('the authority refuses')
  const fields = derChildren(timestampInfo(token))
  if (!isSameImprint(fields[2], imprint)) throw new DerError('the timestamp is over something else')
  // Accuracy, ordering, nonce, authority and extensions may follow the time; only the nonce is an INTEGER.
  const given = fields.slice(5).find(({ tag }) => tag === 0x02)
  if (given?.whole.equals(nonce) !== true) throw new DerError('the timestamp answers another request')
}

/** The TSTInfo inside a signed token (RFC 5652 section 5.1). */
function timestampInfo(token: DerValue | undefined): DerValue {
  const [tokenType, explicit] = derChildren(expect(token, 0x30))
  if (tokenType === undefined || objectIdentifier(tokenType) !== '1.2.840.113549.1.7.2')
    throw new DerError('the timestamp is not signed data')
  const signedData = expect(derChildren(expect(explicit, 0xa0))[0], 0x30)
  const [contentType, content] = derChildren(expect(derChildren(signedData)[2], 0x30))
  if (contentType === undefined || objectIdentifier(contentType) !== '1.2.840.113549.1.9.16.1.4')
    throw new DerError('what is signed is not a timestamp')
  const octets = expect(derChildren(expect(content, 0xa0))[0], 0x04)
  return expect(readDer(octets.content), 0x30)
}

const sha256Name = '2.16.840.1.101.3.4.2.1'

/** The algorithm's parameters may be NULL or absent. */
function isSameImprint(imprint: DerValue | undefined, asked: Buffer): boolean {
  const [algorithm, digest] = derChildren(expect(imprint, 0x30))
  const name = derChildren(expect(algorithm, 0x30))[0]
  const own = derChildren(readDer(asked))[1]
  return (
    name !== undefined &&
    objectIdentifier(name) === sha256Name &&
    own !== undefined &&
    digest?.whole.equals(own.whole) === true
  )
}

function expect(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new DerError('the answer is not a timestamp')
  return value
}
