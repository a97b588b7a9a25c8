import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosignAnnotations } from '../../../test/fixtures/sigstore/cosign-annotations.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { cosignBundle } from './cosign-bundle.ts'

const instance = sigstoreInstance()
const payload = Buffer.from('{"critical":{}}')
const rekor = 'dev.sigstore.cosign/bundle'

describe('cosignBundle()', () => {
  test('writes a signature with a certificate as the bundle that it is', () => {
    const signer = githubSigner('me/app')
    const annotations = cosignAnnotations(instance, instance.sign({ ...signer, content: { bytes: payload } }))
    const bundle = cosignBundle(annotations, { kind: 'payload', payload })
    expect(bundle).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      verificationMaterial: {
        x509CertificateChain: { certificates: [{ rawBytes: expect.any(String) as unknown }] },
        tlogEntries: [{ kindVersion: { kind: 'hashedrekord', version: '0.0.1' }, logIndex: '4711' }],
        timestampVerificationData: { rfc3161Timestamps: [] },
      },
      messageSignature: { signature: annotations['dev.cosignproject.cosign/signature'] },
    })
  })

  test('writes a signature with a key without a name', () => {
    const annotations = cosignAnnotations(
      instance,
      instance.sign({ key: keyPair(), content: { bytes: payload } }),
    )
    expect(cosignBundle(annotations, { kind: 'payload', payload })).toMatchObject({
      verificationMaterial: { publicKey: { hint: '' } },
    })
  })

  test('keeps an RFC 3161 timestamp', () => {
    const annotations = {
      'dev.cosignproject.cosign/signature': 'c2ln',
      'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"dGltZQ=="}',
    }
    expect(cosignBundle(annotations, { kind: 'payload', payload })).toMatchObject({
      verificationMaterial: {
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: 'dGltZQ==' }] },
      },
    })
  })

  test('takes an envelope as it is', () => {
    const envelope = { payload: 'e30=', payloadType: 'x', signatures: [] }
    expect(cosignBundle({}, { kind: 'envelope', envelope })).toMatchObject({ dsseEnvelope: envelope })
  })

  test.each([
    ['an envelope that is none', {}, [], 'the envelope is not a JSON object'],
    ['a timestamp that is none', { 'dev.sigstore.cosign/rfc3161timestamp': '{}' }, {}, 'holds no timestamp'],
    ['a certificate that is not PEM', { 'dev.sigstore.cosign/certificate': 'MIIB' }, {}, 'is not PEM'],
    ['a log entry that is no JSON', { [rekor]: 'x' }, {}, 'is not a log entry'],
    ['a log entry of a body without kind', { [rekor]: entry({ body: 'e30=' }) }, {}, 'of which kind'],
    ['a log entry of another log index', { [rekor]: entry({ logIndex: -1 }) }, {}, 'is not a log entry'],
    ['a time that is text', { [rekor]: entry({ integratedTime: '1' }) }, {}, 'is not a log entry'],
    ['a log whose name is not its hash', { [rekor]: entry({ logID: 'rekor' }) }, {}, 'is not a log entry'],
    ['a huge annotation', { x: 'x'.repeat(1024 * 1024 + 1) }, {}, 'more than'],
  ])('says what is wrong with %s', (_, annotations, envelope, reason) => {
    expect(cosignBundle(annotations, { kind: 'envelope', envelope })).toContain(reason)
  })

  test('gives a bundle or a reason, whatever the annotations are', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constant('-----BEGIN CERTIFICATE-----'))
    const annotations = fc.record(
      {
        'dev.cosignproject.cosign/signature': text,
        'dev.sigstore.cosign/certificate': text,
        'dev.sigstore.cosign/rfc3161timestamp': text,
        [rekor]: text,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(annotations, (given) => {
        expect(['string', 'object']).toContain(typeof cosignBundle(given, { kind: 'payload', payload }))
      }),
    )
  })
})

function entry(other: Readonly<Record<string, unknown>>): string {
  const body = Buffer.from('{"kind":"hashedrekord","apiVersion":"0.0.1"}').toString('base64')
  const Payload = { body, integratedTime: 1, logIndex: 1, logID: '0'.repeat(64), ...other }
  return JSON.stringify({ SignedEntryTimestamp: 'c2V0', Payload })
}
