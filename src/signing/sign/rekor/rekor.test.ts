import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  type AnsweredRequest,
  startAnsweringServer,
} from '../../../../test/fixtures/answering-server.ts'
import { keyPair, publicPem, spki } from '../../../../test/fixtures/sigstore/key-pair.ts'
import { logEntry } from '../../../../test/fixtures/sigstore/transparency-log.ts'
import { createTransport, type Transport } from '../../../http/index.ts'
import { parseDigest } from '../../../oci/index.ts'
import type { LogEntryDocument } from '../../bundle/bundle-document.ts'
import { logEntrySchema } from '../../bundle/bundle-schema.ts'
import { SigningServiceError } from '../errors.ts'
import { keySigner } from '../keys/key-signer.ts'
import { signedBytes } from '../signed-bytes.ts'
import { inTotoStatement } from '../statement.ts'
import type { LogWitness, SignedContent } from '../types.ts'
import { rekorLog } from './rekor-log.ts'
import { rekorTilesLog } from './rekor-tiles-log.ts'

const key = keyPair()
const logKey = keyPair()
const at = new Date('2026-03-04T05:06:07Z')
const message: SignedContent = { kind: 'message', bytes: Buffer.from('bytes') }
const statement: SignedContent = {
  kind: 'statement',
  payload: inTotoStatement({
    subjects: [{ name: 'app', digest: parseDigest(`sha256:${'a'.repeat(64)}`) }],
    predicateType: 'https://example.com/v1',
    predicate: {},
  }),
}

/** The entry that a log makes of a body, as a bundle holds it. */
function entryOf(
  body: { readonly kind: string; readonly apiVersion: string; readonly spec: unknown },
  promise: boolean,
): LogEntryDocument {
  const logged = { kind: body.kind, version: body.apiVersion, body: Buffer.from(JSON.stringify(body)) }
  return v.parse(logEntrySchema, logEntry({ key: logKey, host: 'log.example', at, promise }, logged))
}

const uuid = '1'.repeat(16) + 'ab'.repeat(32)

/** An entry as Rekor v1 answers with it. */
function v1Answer(entry: LogEntryDocument): string {
  const { inclusionProof: proof, inclusionPromise } = entry
  return JSON.stringify({
    [uuid]: {
      attestation: {},
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logID: hex(entry.logId.keyId),
      logIndex: Number(entry.logIndex),
      verification: {
        signedEntryTimestamp: inclusionPromise?.signedEntryTimestamp,
        inclusionProof: {
          checkpoint: proof?.checkpoint.envelope,
          hashes: proof?.hashes.map(hex),
          logIndex: Number(proof?.logIndex),
          rootHash: hex(proof?.rootHash ?? ''),
          treeSize: Number(proof?.treeSize),
        },
      },
    },
  })
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex')
}

const verifier = Buffer.from(publicPem(key)).toString('base64')

/** What Rekor v1 logs of an envelope; only the signer is looked at here. */
const dsseBody = { apiVersion: '0.0.1', kind: 'dsse', spec: { signatures: [{ verifier }] } }
const recordBody = {
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: { signature: { publicKey: { content: verifier } } },
}

async function witnessed(
  log: (url: URL, transport: Transport) => LogWitness,
  content: SignedContent,
  answer: (request: AnsweredRequest) => Answer,
  keys = key,
): Promise<{
  readonly entry: unknown
  readonly requests: readonly AnsweredRequest[]
  readonly signature: string
}> {
  const requests: AnsweredRequest[] = []
  await using server = await startAnsweringServer((request) => {
    requests.push(request)
    return answer(request)
  })
  const transport = createTransport({ tries: 1 })
  const pem = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const made = await (await keySigner({ pem, name: 'k' })).sign(signedBytes(content))
  try {
    const entry = await log(server.url, transport).witness(content, made)
    return { entry, requests, signature: Buffer.from(made.signature).toString('base64') }
  } finally {
    await transport.close()
  }
}

describe('rekorLog()', () => {
  test('logs an envelope as dsse 0.0.1 and gives the entry as a bundle holds it', async () => {
    const expected = entryOf(dsseBody, true)
    const { entry, requests, signature } = await witnessed(rekorLog, statement, () => ({
      status: 201,
      body: v1Answer(expected),
    }))
    expect(entry).toEqual(expected)
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/v1/log/entries'])
    const proposed: unknown = JSON.parse(String(requests[0]?.body))
    expect(proposed).toMatchObject({
      kind: 'dsse',
      apiVersion: '0.0.1',
      spec: { proposedContent: { verifiers: [verifier] } },
    })
    expect(JSON.stringify(proposed)).toContain(signature)
  })

  test('logs bytes as hashedrekord 0.0.1, by their hash', async () => {
    const { requests, signature } = await witnessed(rekorLog, message, () => ({
      status: 201,
      body: v1Answer(entryOf(recordBody, true)),
    }))
    expect(JSON.parse(String(requests[0]?.body))).toEqual({
      kind: 'hashedrekord',
      apiVersion: '0.0.1',
      spec: {
        data: {
          hash: {
            algorithm: 'sha256',
            value: '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9',
          },
        },
        signature: { content: signature, publicKey: { content: verifier } },
      },
    })
  })

  test('takes the entry that is there already, from this log whatever the answer says', async () => {
    const expected = entryOf(dsseBody, true)
    const { entry, requests } = await witnessed(rekorLog, statement, ({ method }) =>
      method === 'POST'
        ? { status: 409, headers: { location: `https://elsewhere.example/api/v1/log/entries/${uuid}` } }
        : { body: v1Answer(expected) },
    )
    expect(entry).toEqual(expected)
    expect(requests[1]?.path).toBe(`/api/v1/log/entries/${uuid}`)
    expect(requests[1]?.body.length).toBe(0)
  })

  test.each<[string, Answer, RegExp]>([
    ['a conflict with nothing', { status: 409 }, /status 409/],
    [
      'a conflict with something else than an entry',
      { status: 409, headers: { location: '/api/v1/log/entries/../../admin' } },
      /status 409/,
    ],
    [
      'a refusal, with what the log says of it',
      { status: 400, body: '{"message":"no\\u001b[2J way"}' },
      /status 400: no \[2J way$/,
    ],
    ['what is too large for it', { status: 413, body: '<html>' }, /status 413$/],
    ['no entry', { status: 201, body: '{}' }, /holds no entry, or several/],
    [
      'an entry of another kind',
      { status: 201, body: v1Answer(entryOf(recordBody, true)) },
      /is a hashedrekord 0\.0\.1, and not a dsse/,
    ],
    [
      'an entry of another signer',
      {
        status: 201,
        body: v1Answer(
          entryOf(
            {
              ...dsseBody,
              spec: { signatures: [{ verifier: Buffer.from(publicPem(logKey)).toString('base64') }] },
            },
            true,
          ),
        ),
      },
      /about another signer/,
    ],
    ['no JSON', { status: 201, body: '<html>' }, /is not JSON/],
    ['another shape', { status: 201, body: '{"a":{"body":1}}' }, /cannot be read: a\.body/],
  ])('refuses %s', async (_, answer, reason) => {
    await expect(witnessed(rekorLog, statement, () => answer)).rejects.toThrow(reason)
  })
})

describe('rekorTilesLog()', () => {
  const record2 = {
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        signature: { verifier: { publicKey: { rawBytes: spki(key).toString('base64') } } },
      },
    },
  }

  test('logs an envelope by the hash of its encoding', async () => {
    const expected = entryOf(record2, false)
    const { entry, requests, signature } = await witnessed(rekorTilesLog, statement, () => ({
      status: 201,
      body: JSON.stringify(expected),
    }))
    const { integratedTime: _, ...rest } = expected
    expect(JSON.parse(JSON.stringify(entry))).toEqual(rest)
    expect(requests[0]?.path).toBe('/api/v2/log/entries')
    expect(JSON.parse(String(requests[0]?.body))).toMatchObject({
      hashedRekordRequestV002: {
        signature: {
          content: signature,
          verifier: {
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
            publicKey: { rawBytes: spki(key).toString('base64') },
          },
        },
      },
    })
  })

  test('logs an envelope that Ed25519 signed as dsse, as no hash of it can be verified', async () => {
    const ed25519 = keyPair('ed25519')
    const rawBytes = spki(ed25519).toString('base64')
    const body = {
      apiVersion: '0.0.2',
      kind: 'dsse',
      spec: { dsseV002: { signatures: [{ verifier: { publicKey: { rawBytes } } }] } },
    }
    const answer = (): Answer => ({ status: 201, body: JSON.stringify(entryOf(body, false)) })
    const { requests } = await witnessed(rekorTilesLog, statement, answer, ed25519)
    expect(JSON.parse(String(requests[0]?.body))).toMatchObject({
      dsseRequestV002: { verifiers: [{ keyDetails: 'PKIX_ED25519', publicKey: { rawBytes } }] },
    })
  })

  test.each([
    ['version 1', rekorLog],
    ['version 2', rekorTilesLog],
  ])('bytes that Ed25519 signed are refused before %s is asked', async (_, log) => {
    await expect(witnessed(log, message, () => ({ status: 500 }), keyPair('ed25519'))).rejects.toThrow(
      /takes an Ed25519 signature over an envelope alone/,
    )
  })

  test('refuses an entry of a version that nobody asked for', async () => {
    const entry = entryOf({ ...record2, apiVersion: '0.0.3' }, false)
    await expect(
      witnessed(rekorTilesLog, message, () => ({ status: 201, body: JSON.stringify(entry) })),
    ).rejects.toThrow(/is a hashedrekord 0\.0\.3/)
  })
})

describe.each([
  ['version 1', rekorLog],
  ['version 2', rekorTilesLog],
])('a log of %s that answers anything', (_, log) => {
  test('gives an entry or is refused, and nothing else breaks', async () => {
    const good = v.parse(
      v.object({ [uuid]: v.record(v.string(), v.unknown()) }),
      JSON.parse(v1Answer(entryOf(dsseBody, true))),
    )
    const fields = Object.keys(good[uuid] ?? {})
    const answers = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(fc.constantFrom(...fields), fc.jsonValue())
        .map(([field, value]) => ({ a: { ...good[uuid], [field]: value } })),
    )
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const given: Answer = { status: 201, body: JSON.stringify(answer) }
        const result = await witnessed(log, statement, () => given).catch((error: unknown) => error)
        // What a log leaves to the proof, an index or a time, makes an entry as well.
        const isEntry = v.is(v.object({ entry: logEntrySchema }), result)
        expect(isEntry || result instanceof SigningServiceError).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
