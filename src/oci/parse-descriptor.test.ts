import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { InvalidDocumentError } from './errors.ts'
import { parseDescriptor } from './parse-descriptor.ts'
import { descriptorToJson } from './serialize-manifest.ts'

const digest = digestOf(new Uint8Array())
const least = { mediaType: 'a/b', digest, size: 3 }

describe('parseDescriptor()', () => {
  test('reads every field and ignores what it does not know', () => {
    expect(
      parseDescriptor({
        ...least,
        annotations: { a: 'b' },
        platform: {
          os: 'windows',
          architecture: 'amd64',
          'os.version': '10.0.1',
          'os.features': ['win32k'],
          features: ['sse4'],
        },
        artifactType: 'x/y',
        data: 'YWJj',
        urls: ['https://example.com/l'],
        other: 1,
      }),
    ).toStrictEqual({
      ...least,
      annotations: { a: 'b' },
      platform: { os: 'windows', architecture: 'amd64', osVersion: '10.0.1', osFeatures: ['win32k'] },
      artifactType: 'x/y',
      data: new TextEncoder().encode('abc'),
      urls: ['https://example.com/l'],
    })
  })

  test('takes null, as Go writes it, for absent', () => {
    expect(
      parseDescriptor({ ...least, annotations: null, platform: null, urls: null, data: null }),
    ).toStrictEqual(least)
  })

  test('takes a platform that says nothing for none', () => {
    expect(parseDescriptor({ ...least, platform: { os: '', architecture: '' } })).toStrictEqual(least)
  })

  test.each([
    [null, 'd', 'must be an object, here is null'],
    [[], 'd', 'must be an object, here is an array'],
    [{}, 'd.mediaType', 'is missing'],
    [{ ...least, mediaType: 1 }, 'd.mediaType', 'must be a string, here is a number'],
    [{ ...least, digest: 'sha256:a' }, 'd.digest', 'sha256 has 64 hex digits, here are 1'],
    [{ ...least, size: -1 }, 'd.size', 'must be a whole number'],
    [{ ...least, size: 1.5 }, 'd.size', 'must be a whole number'],
    [{ ...least, size: 2 ** 53 }, 'd.size', 'must be a whole number'],
    [{ ...least, size: '3' }, 'd.size', 'must be a whole number'],
    [{ ...least, size: null }, 'd.size', 'is missing'],
    [{ ...least, annotations: { a: 1 } }, 'd.annotations["a"]', 'must be a string, here is a number'],
    [{ ...least, annotations: ['a'] }, 'd.annotations', 'must be an object, here is an array'],
    [{ ...least, platform: { os: 1 } }, 'd.platform.os', 'must be a string'],
    [{ ...least, platform: { 'os.features': [1] } }, 'd.platform.os.features[0]', 'must be a string'],
    [{ ...least, urls: 'x' }, 'd.urls', 'must be an array, here is a string'],
    [{ ...least, data: 'YWI=' }, 'd.data', 'holds 2 bytes'],
    [{ ...least, data: 'YWJjZGVm' }, 'd.data', 'does not hold the 3 bytes'],
    [{ ...least, data: 'Y-_j' }, 'd.data', 'is not base64'],
    [{ ...least, Digest: digest }, 'd.Digest', 'must be written "digest"'],
    [{ ...least, ſize: 1 }, 'd.ſize', 'must be written "size"'],
  ])('refuses %j at %s', (value, field, problem) => {
    let refusal: unknown
    try {
      parseDescriptor(value, 'index', 'd')
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(InvalidDocumentError)
    expect(refusal).toHaveProperty('field', field)
    expect(refusal).toHaveProperty('message', expect.stringContaining(problem))
  })

  test('reads back what descriptorToJson() wrote', () => {
    const word = fc.string({ minLength: 1 })
    const optional = { requiredKeys: ['mediaType', 'digest', 'size'] as ['mediaType', 'digest', 'size'] }
    const descriptors = fc
      .record(
        {
          mediaType: word,
          digest: fc.uint8Array().map((bytes) => digestOf(bytes)),
          size: fc.maxSafeNat(),
          annotations: fc.dictionary(word, fc.string(), { noNullPrototype: true }),
          platform: fc.record(
            {
              os: word,
              architecture: word,
              variant: word,
              osVersion: word,
              osFeatures: fc.array(word, { minLength: 1 }),
            },
            { requiredKeys: ['os', 'architecture'] },
          ),
          artifactType: word,
          data: fc.uint8Array(),
          urls: fc.array(word),
        },
        optional,
      )
      .map((descriptor) =>
        descriptor.data === undefined ? descriptor : { ...descriptor, size: descriptor.data.length },
      )
    fc.assert(
      fc.property(descriptors, (descriptor) => {
        const json: unknown = JSON.parse(JSON.stringify(descriptorToJson(descriptor)))
        expect(parseDescriptor(json)).toEqual(descriptor)
      }),
    )
  })

  test('gives a descriptor or an InvalidDocumentError for any JSON', () => {
    const any = fc.jsonValue()
    const nearly = fc.record(
      {
        mediaType: any,
        digest: fc.oneof(fc.constant(digest), any),
        size: fc.oneof(fc.nat(), any),
        annotations: any,
        platform: any,
        data: any,
        urls: any,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(any, nearly), (value) => {
        try {
          expect(parseDescriptor(value).digest).toBe(digest)
        } catch (error) {
          if (!(error instanceof InvalidDocumentError)) throw error
        }
      }),
    )
  })
})
