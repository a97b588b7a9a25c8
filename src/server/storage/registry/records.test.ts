import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../oci/index.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { decodeBlob, decodeContent, encodeBlob, encodeContent } from './blob-record.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { decodeEdge, encodeEdge } from './edge-record.ts'
import { decodeManifest, encodeManifest } from './manifest-record.ts'
import { decodeReferrer, encodeReferrer } from './referrer-record.ts'
import { decodeRepository, encodeRepository } from './repository-record.ts'
import { decodeTag, encodeTag } from './tag-record.ts'
import { decodeUpload, encodeUpload } from './upload-record.ts'

const decoders: readonly [string, (record: StoredRecord) => unknown][] = [
  ['tag', decodeTag],
  ['manifest', decodeManifest],
  ['blob', decodeBlob],
  ['content', decodeContent],
  ['upload', decodeUpload],
  ['referrer', decodeReferrer],
  ['repository', decodeRepository],
  ['edge', decodeEdge],
]

const digest = digestOf(Buffer.from('x'))
const times = fc.maxSafeNat()
const mediaType = 'application/x'

function record(value: Uint8Array): StoredRecord {
  return { key: 'some/key', value, version: '1' }
}

describe('records', () => {
  it('are read as what was written', () => {
    fc.assert(
      fc.property(times, times, fc.option(times, { nil: undefined }), fc.uint8Array(), (a, b, c, bytes) => {
        const tag = { digest, mediaType, size: a, pushedAt: b }
        expect(decodeTag(record(encodeTag(tag)))).toEqual(tag)
        const manifest = { mediaType, pushedAt: a, since: b, condemned: c, bytes }
        const stored = decodeManifest(record(encodeManifest(manifest)))
        expect({ ...stored, bytes: Uint8Array.from(stored.bytes) }).toEqual(manifest)
        const content = { size: a, key: 'sha256/x', condemned: c }
        expect(decodeContent(record(encodeContent(content)))).toEqual(content)
        expect(decodeBlob(record(encodeBlob({ ...content, since: b })))).toEqual({ ...content, since: b })
        const upload = { upload: 'u', owner: 'o', algorithm: 'sha512', startedAt: a } as const
        const committed = { ...upload, committed: digest, committedAt: b }
        expect(decodeUpload(record(encodeUpload(upload)))).toMatchObject(upload)
        expect(decodeUpload(record(encodeUpload(committed)))).toEqual(committed)
        expect(decodeRepository(record(encodeRepository({ since: a })))).toEqual({ since: a })
        expect(decodeEdge(record(encodeEdge(a)))).toBe(a)
      }),
    )
    const referrer = { mediaType, digest, size: 1, artifactType: 'a/b', annotations: { a: 'b' } }
    expect(decodeReferrer(record(encodeReferrer(referrer)))).toEqual(referrer)
  })

  it.each(decoders)('that are damaged are told by their keys: %s', (_, decode) => {
    const garbage = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(`${text}\nbytes`)),
      fc
        .constantFrom('{"size":-1,"key":"k","since":1}', '{"digest":"sha256:no"}', '{}', '{}\n', '1e3', '-1')
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(garbage, (value) => {
        const error = errorOf(() => decode(record(value)))
        expect(error === undefined || error instanceof DamagedRecordError).toBe(true)
        expect(error?.message ?? 'some/key').toContain('some/key')
      }),
    )
    expect(() => decode(record(Buffer.from('{"half')))).toThrow(/^Cannot read the record some\/key: /)
  })
})

/** What a call throws; undefined when it does not. */
function errorOf(call: () => unknown): Error | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new TypeError('what was thrown is no error')
  }
}
