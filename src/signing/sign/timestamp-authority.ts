import { createHash, randomBytes } from 'node:crypto'
import { DerError } from '../bundle/read-der.ts'
import type { Transport } from '../../http/index.ts'
import { SigningServiceError } from './errors.ts'
import { askService, refused, type ServiceRequest } from './services/ask-service.ts'
import { checkTimestampReply } from './timestamp-reply.ts'
import type { TimestampWitness } from './types.ts'
import { writeDer, writeDerInteger } from './write-der.ts'

/** With the authority's certificates; a bundle takes no more. */
const largestAnswer = 64 * 1024

/** A time-stamping authority (RFC 3161) at a URL that takes requests by HTTP (section 3.4). */
export function timestampAuthority(url: URL, transport: Transport): TimestampWitness {
  return {
    url: url.href,
    async timestamp(signature, { signal } = {}) {
      const imprint = messageImprint(signature)
      const nonce = writeDerInteger(randomBytes(16))
      const request: ServiceRequest = {
        transport,
        doing: `get a timestamp from ${url.host}`,
        method: 'POST',
        url,
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: timestampQuery(imprint, nonce),
        repeatable: true,
        limit: largestAnswer,
        signal,
      }
      const answer = await askService(request)
      if (answer.status !== 200 && answer.status !== 201) throw refused(request, answer)
      try {
        checkTimestampReply(Buffer.from(answer.bytes), imprint, nonce)
      } catch (error) {
        if (!(error instanceof DerError)) throw error
        throw new SigningServiceError(`Cannot ${request.doing}: ${error.message}`, { cause: error })
      }
      return answer.bytes
    },
  }
}

/** MessageImprint: SHA-256 and its parameters, which are NULL, and the digest of what is stamped. */
function messageImprint(data: Uint8Array): Buffer {
  return writeDer(0x30, sha256, writeDer(0x04, createHash('sha256').update(data).digest()))
}

const sha256 = writeDer(0x30, Buffer.from('0609608648016503040201', 'hex'), writeDer(0x05))

/** TimeStampReq (section 2.4.1): version 1, the authority's certificates asked for. */
function timestampQuery(imprint: Buffer, nonce: Buffer): Buffer {
  return writeDer(0x30, writeDerInteger(Buffer.of(1)), imprint, nonce, writeDer(0x01, Buffer.of(0xff)))
}
