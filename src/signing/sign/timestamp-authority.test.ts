import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { startAnsweringServer } from '../../../test/fixtures/answering-server.ts'
import { distinguishedName } from '../../../test/fixtures/sigstore/certificate.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { timestampResponse } from '../../../test/fixtures/sigstore/timestamp.ts'
import { derChildren, readDer } from '../bundle/read-der.ts'
import { createTransport } from '../../http/index.ts'
import { timestampAuthority } from './timestamp-authority.ts'
import { writeDer, writeDerInteger } from './write-der.ts'

const signature = Buffer.from('a signature')
const at = new Date('2026-03-04T05:06:07Z')
const signer = {
  key: keyPair(),
  issuer: distinguishedName({ commonName: 'time root' }),
  serial: writeDerInteger(Buffer.of(1)),
}

interface Reply {
  readonly status?: number
  readonly body?: (nonce: Buffer) => Buffer
}

async function stamp({ status = 200, body }: Reply): Promise<{ asked: Buffer; got: Uint8Array }> {
  let asked: Buffer = Buffer.alloc(0)
  await using server = await startAnsweringServer((request) => {
    asked = request.body
    const nonce = derChildren(readDer(asked))[2]?.whole ?? Buffer.alloc(0)
    return {
      status: request.headers['content-type'] === 'application/timestamp-query' ? status : 415,
      body: body?.(nonce) ?? timestampResponse(signer, signature, at, { nonce }),
    }
  })
  const transport = createTransport({ tries: 1 })
  try {
    const got = await timestampAuthority(new URL('/api/v1/timestamp', server.url), transport).timestamp(
      signature,
    )
    return { asked, got }
  } finally {
    await transport.close()
  }
}

describe('timestampAuthority()', () => {
  test('asks for a timestamp over the SHA-256 of the signature, with the certificates', async () => {
    const { asked, got } = await stamp({})
    const [version, imprint, nonce, certificates] = derChildren(readDer(asked))
    expect(version?.content).toEqual(Buffer.of(1))
    const digest = createHash('sha256').update(signature).digest('hex')
    expect(imprint?.whole.toString('hex')).toBe(`3031300d060960864801650304020105000420${digest}`)
    expect(nonce?.content.length).toBeGreaterThan(8)
    expect(certificates?.whole).toEqual(Buffer.from('0101ff', 'hex'))
    expect(Buffer.from(got).includes(nonce?.whole ?? Buffer.of(0))).toBe(true)
  })

  test.each<[string, Reply, RegExp]>([
    [
      'a refusal',
      { body: (nonce) => timestampResponse(signer, signature, at, { nonce, status: 2 }) },
      /the authority refuses/,
    ],
    [
      'a timestamp over something else',
      { body: (nonce) => timestampResponse(signer, Buffer.from('another'), at, { nonce }) },
      /is over something else/,
    ],
    [
      'a timestamp of another request',
      { body: () => timestampResponse(signer, signature, at, { nonce: writeDerInteger(randomBytes(16)) }) },
      /answers another request/,
    ],
    [
      'one without a nonce',
      { body: () => timestampResponse(signer, signature, at) },
      /answers another request/,
    ],
    ['no DER', { body: () => Buffer.from('<html>') }, /Cannot get a timestamp from 127\.0\.0\.1/],
    ['an error', { status: 500 }, /answered with status 500/],
    ['a redirect', { status: 302 }, /answered with status 302/],
    ['too long an answer', { body: () => Buffer.alloc(70_000) }, /has more than 65536 bytes/],
  ])('refuses %s', async (_, reply, reason) => {
    await expect(stamp(reply)).rejects.toThrow(reason)
  })
})

describe('writeDer()', () => {
  test('writes what readDer() reads, lengths as short as can be', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x04, 0x30, 0xa0),
        fc.uint8Array({ maxLength: 70_000, size: 'max' }),
        (tag, content) => {
          const { tag: readTag, content: readContent } = readDer(writeDer(tag, content))
          expect(readTag).toBe(tag)
          expect(readContent.equals(content)).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('an integer is never negative and never longer than it need be', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
        const { content } = readDer(writeDerInteger(bytes))
        const [first = 0, second = 0] = content
        expect(first).toBeLessThan(0x80)
        expect(first === 0 && content.length > 1 && second < 0x80).toBe(false)
        expect(BigInt(`0x${content.toString('hex')}`)).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
      }),
    )
  })
})
