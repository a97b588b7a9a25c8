import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { InvalidDocumentError, UnsupportedDocumentError } from './errors.ts'
import {
  artifactTypeOf,
  attestationSubject,
  childrenOf,
  isAttestationEntry,
  isImage,
  type ImageManifest,
  type Manifest,
} from './manifest.ts'
import { emptyDescriptor, mediaTypes } from './media-types.ts'
import { maxManifestBytesRead, parseManifest } from './parse-manifest.ts'
import { serializeManifest } from './serialize-manifest.ts'

const { ociManifest, ociIndex, dockerManifest, dockerIndex } = mediaTypes
const digest = digestOf(new Uint8Array())
const config: Descriptor = { mediaType: mediaTypes.ociConfig, digest, size: 2 }
const layer: Descriptor = { mediaType: mediaTypes.ociLayerGzip, digest, size: 0 }
const entry: Descriptor = {
  mediaType: ociManifest,
  digest,
  size: 9,
  platform: { os: 'linux', architecture: 'amd64' },
}
const manifest = { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer, layer] }
const index = { schemaVersion: 2, mediaType: ociIndex, manifests: [entry] }

describe('parseManifest()', () => {
  test('reads an image manifest', () => {
    const subject = { ...entry, platform: undefined }
    const read = parseManifest(
      bytesOf({ ...manifest, artifactType: 'x/y', subject, annotations: { a: 'b' }, other: 1 }),
    )
    expect(read).toEqual({
      kind: 'manifest',
      mediaType: ociManifest,
      artifactType: 'x/y',
      config,
      layers: [layer, layer],
      subject,
      annotations: { a: 'b' },
    })
    expect(childrenOf(read)).toEqual([config, layer, layer])
  })

  test('reads an index', () => {
    const read = parseManifest(bytesOf(index))
    expect(read).toEqual({ kind: 'index', mediaType: ociIndex, manifests: [entry] })
    expect(childrenOf(read)).toEqual([entry])
  })

  test('takes null lists, as Go (and docker save) writes them, for empty ones', () => {
    expect(parseManifest(bytesOf({ schemaVersion: 2, manifests: null })).kind).toBe('index')
    expect(parseManifest(bytesOf({ ...manifest, layers: null, annotations: null }))).toMatchObject({
      layers: [],
    })
    expect(parseManifest(bytesOf({ ...index, manifests: null }))).toMatchObject({ manifests: [] })
  })

  test.each([
    ['the stated media type', { ...manifest, mediaType: dockerManifest }, undefined, dockerManifest],
    [
      'the content type, without its parameters',
      without(manifest, 'mediaType'),
      `${dockerManifest}; charset=utf-8`,
      dockerManifest,
    ],
    ['the content type in any case', without(index, 'mediaType'), dockerIndex.toUpperCase(), dockerIndex],
    ['its shape, when nothing is stated', without(index, 'mediaType'), undefined, ociIndex],
    [
      'its shape, when the content type is generic',
      without(manifest, 'mediaType'),
      'text/plain; charset=utf-8',
      ociManifest,
    ],
    ['its shape, when the media type is empty', { ...manifest, mediaType: '' }, '', ociManifest],
    ['the stated media type, when the content type is generic', index, 'application/json', ociIndex],
  ])('tells what a document is by %s', (_by, document, contentType, expected) => {
    expect(parseManifest(bytesOf(document), contentType).mediaType).toBe(expected)
  })

  test.each([
    ['contradicts the content type', manifest, dockerManifest, 'mediaType'],
    ['contradicts the content type', index, ociManifest, 'mediaType'],
    ['could be read as two different documents', { ...manifest, manifests: [] }, undefined, ''],
    [
      'could be read as two different documents',
      { schemaVersion: 2, layers: null, manifests: [] },
      undefined,
      '',
    ],
    ['could be read as two different documents', { ...index, config }, undefined, ''],
    ['could be read as two different documents', { ...index, fsLayers: [] }, undefined, ''],
    ['could be read as two different documents', { ...manifest, fsLayers: [] }, undefined, ''],
    ['must be written "manifests"', { ...manifest, Manifests: [] }, undefined, 'Manifests'],
    ['must be written "layers"', { ...index, layerſ: [] }, undefined, 'layerſ'],
    ['does not belong in', { ...index, mediaType: ociManifest }, undefined, 'manifests'],
    ['does not belong in', { ...manifest, mediaType: ociIndex }, undefined, 'config'],
    ['must be 2, here is 3', { ...manifest, schemaVersion: 3 }, undefined, 'schemaVersion'],
    ['is missing', without(manifest, 'schemaVersion'), undefined, 'schemaVersion'],
    ['is missing', without(manifest, 'config'), undefined, 'config'],
    ['neither "config" and "layers" nor "manifests"', { schemaVersion: 2 }, undefined, ''],
    ['must be an array', { ...manifest, layers: {} }, undefined, 'layers'],
    ['is missing', { ...manifest, layers: [layer, without(layer, 'digest')] }, undefined, 'layers[1].digest'],
    [
      'must be a whole number',
      { ...index, manifests: [{ ...entry, size: -1 }] },
      undefined,
      'manifests[0].size',
    ],
    ['must be an object', { ...index, subject: 'x' }, undefined, 'subject'],
    ['must be an object, here is an array', [], undefined, ''],
    ['must be an object, here is null', null, undefined, ''],
  ])('refuses what %s: %j', (problem, document, contentType, field) => {
    const refusal = refusalOf(() => parseManifest(bytesOf(document), contentType))
    expect(refusal).toBeInstanceOf(InvalidDocumentError)
    expect(refusal).toHaveProperty('field', field)
    expect(refusal).toHaveProperty('message', expect.stringContaining(problem))
  })

  test.each([
    ['schema 1 by its version', { schemaVersion: 1, fsLayers: [], signatures: [] }, undefined, 'schema 1'],
    [
      'schema 1 by the content type',
      manifest,
      `${mediaTypes.dockerSchema1Signed}; charset=utf-8`,
      'schema 1',
    ],
    ['schema 1 by the media type', { mediaType: mediaTypes.dockerSchema1 }, undefined, 'schema 1'],
    [
      'the withdrawn artifact manifest',
      { mediaType: mediaTypes.ociArtifactManifest },
      undefined,
      'withdrawn',
    ],
    ['another content type', manifest, 'text/html', '"text/html" is not the type'],
    ['another media type', { ...manifest, mediaType: mediaTypes.ociConfig }, undefined, 'is not the type'],
  ])('does not read %s', (_what, document, contentType, problem) => {
    const refusal = refusalOf(() => parseManifest(bytesOf(document), contentType))
    expect(refusal).toBeInstanceOf(UnsupportedDocumentError)
    expect(refusal).toHaveProperty('message', expect.stringContaining(problem))
  })

  test.each([
    ['nothing', new Uint8Array(), 'it is empty'],
    ['no JSON', new TextEncoder().encode('<html>'), 'it is not JSON'],
    ['a byte order mark', new TextEncoder().encode(`\u{feff}${JSON.stringify(manifest)}`), 'it is not JSON'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'it is not UTF-8'],
    ['more than 8 MiB', new Uint8Array(maxManifestBytesRead + 1), 'at most 8388608 are read'],
  ])('refuses %s', (_what, bytes, problem) => {
    expect(() => parseManifest(bytes)).toThrow(problem)
  })

  test('a document that is nested a million deep is no trouble', () => {
    const deep = new TextEncoder().encode('[{"a":'.repeat(500_000))
    expect(() => parseManifest(deep)).toThrow(InvalidDocumentError)
    const closed = `${JSON.stringify(manifest).slice(0, -1)},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(parseManifest(new TextEncoder().encode(closed)).kind).toBe('manifest')
  })

  test('reads back what serializeManifest() wrote', () => {
    const made: ImageManifest = {
      kind: 'manifest',
      mediaType: ociManifest,
      artifactType: 'x/y',
      config: emptyDescriptor,
      layers: [{ ...layer, data: new Uint8Array() }],
      subject: { mediaType: ociManifest, digest, size: 1 },
      annotations: { a: 'b' },
    }
    expect(parseManifest(serializeManifest(made))).toEqual(made)
    const list = parseManifest(bytesOf(index))
    expect(parseManifest(serializeManifest(list))).toEqual(list)
    expect(new TextDecoder().decode(serializeManifest(list))).toMatch(
      /^\{"schemaVersion":2,"mediaType":"[^"]+","manifests":\[/,
    )
  })

  test('gives a manifest or an error of its own for any bytes and any JSON', () => {
    const any = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(config, [layer], [entry], 2, 1, ociManifest, ociIndex),
    )
    const fields = [
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'subject',
      'annotations',
      'artifactType',
    ]
    const nearly = fc
      .record(Object.fromEntries(fields.map((name) => [name, any])), { requiredKeys: [] })
      .map(bytesOf)
    const contentTypes = fc.option(fc.oneof(fc.string(), fc.constantFrom(ociManifest, dockerIndex)), {
      nil: undefined,
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearly), contentTypes, (bytes, contentType) => {
        const refusal = refusalOf(() => parseManifest(bytes, contentType))
        if (refusal === undefined || refusal instanceof UnsupportedDocumentError) return
        expect(refusal).toBeInstanceOf(InvalidDocumentError)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what a manifest is', () => {
  test('artifactTypeOf() falls back to the type of the config', () => {
    expect(artifactTypeOf(readBack({ ...manifest, artifactType: 'x/y' }))).toBe('x/y')
    expect(artifactTypeOf(readBack(manifest))).toBe(mediaTypes.ociConfig)
    expect(artifactTypeOf(readBack({ ...index, artifactType: 'x/y' }))).toBe('x/y')
    expect(artifactTypeOf(readBack(index))).toBeUndefined()
  })

  test('isImage() tells images from artifacts', () => {
    const image: ImageManifest = { kind: 'manifest', mediaType: ociManifest, config, layers: [] }
    expect(isImage(image)).toBe(true)
    expect(isImage({ ...image, config: { ...config, mediaType: mediaTypes.dockerConfig } })).toBe(true)
    expect(isImage({ ...image, config: emptyDescriptor })).toBe(false)
  })

  test('isAttestationEntry() knows them by annotation and by platform, and attestationSubject() what they are about', () => {
    const annotations = {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': digest,
    }
    const unknown = { os: 'unknown', architecture: 'unknown' }
    expect(isAttestationEntry(entry)).toBe(false)
    expect(
      attestationSubject({ ...entry, annotations: { 'vnd.docker.reference.digest': digest } }),
    ).toBeUndefined()
    expect(isAttestationEntry({ ...entry, annotations })).toBe(true)
    expect(attestationSubject({ ...entry, annotations })).toBe(digest)
    expect(isAttestationEntry({ ...entry, platform: unknown })).toBe(true)
    expect(attestationSubject({ ...entry, platform: unknown })).toBeUndefined()
    expect(
      attestationSubject({ ...entry, annotations: { ...annotations, 'vnd.docker.reference.digest': 'x' } }),
    ).toBeUndefined()
  })
})

function readBack(document: unknown): Manifest {
  return parseManifest(bytesOf(document))
}

function bytesOf(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}

function without(document: object, name: string): object {
  return Object.fromEntries(Object.entries(document).filter(([each]) => each !== name))
}

function refusalOf(read: () => unknown): unknown {
  try {
    read()
    return undefined
  } catch (error) {
    return error
  }
}
