import { describe, expect, it } from 'vitest'
import { descriptorOf } from '../../../../test/fixtures/open-registry.ts'
import { mediaTypes } from '../../../oci/index.ts'
import { maxReferences, readPushedManifest } from './read-pushed-manifest.ts'

const config = descriptorOf('{}', mediaTypes.ociConfig)
const layer = descriptorOf('layer')
const entry = descriptorOf('manifest', mediaTypes.ociManifest)
const imageFields = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] }
const indexFields = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] }
const invalid: unknown = expect.objectContaining({ code: 'MANIFEST_INVALID', status: 400 })

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
}

describe('readPushedManifest()', () => {
  it('reads what an image needs', () => {
    expect(readPushedManifest(bytesOf(imageFields), mediaTypes.ociManifest)).toEqual({
      mediaType: mediaTypes.ociManifest,
      needed: [
        { digest: config.digest, mediaType: mediaTypes.ociConfig, mayBeManifest: false },
        { digest: layer.digest, mediaType: mediaTypes.ociLayer, mayBeManifest: false },
      ],
      optional: [],
      subject: undefined,
      artifactType: mediaTypes.ociConfig,
      annotations: undefined,
    })
  })

  it('reads what an index needs, and what it refers to', () => {
    const fields = { ...indexFields, subject: entry, artifactType: 'application/x', annotations: { a: 'b' } }
    expect(readPushedManifest(bytesOf(fields), undefined)).toEqual({
      mediaType: mediaTypes.ociIndex,
      needed: [{ digest: entry.digest, mediaType: mediaTypes.ociManifest, mayBeManifest: true }],
      optional: [],
      subject: entry.digest,
      artifactType: 'application/x',
      annotations: { a: 'b' },
    })
  })

  it.each([
    [{ ...layer, mediaType: mediaTypes.ociForeignLayerGzip }],
    [{ ...layer, urls: ['https://elsewhere.example/layer'] }],
  ])('asks for no foreign layer: %j', (foreign) => {
    const { needed, optional } = readPushedManifest(
      bytesOf({ ...imageFields, layers: [foreign] }),
      mediaTypes.ociManifest,
    )
    expect(needed.map(({ digest }) => digest)).toEqual([config.digest])
    expect(optional).toEqual([layer.digest])
  })

  it('asks for a blob where one digest is a config and a foreign layer', () => {
    const layers = [{ ...config, mediaType: mediaTypes.ociForeignLayerGzip }]
    const { needed, optional } = readPushedManifest(
      bytesOf({ ...imageFields, layers }),
      mediaTypes.ociManifest,
    )
    expect(needed).toHaveLength(1)
    expect(optional).toEqual([])
  })

  /** GHSA-5j5w-g665-5m35: bytes that one reader takes for an image and another for an index. */
  it.each<[string, unknown, string | undefined]>([
    ['both layers and manifests', { ...imageFields, manifests: [] }, mediaTypes.ociManifest],
    ['manifests and config', { ...indexFields, config }, mediaTypes.ociIndex],
    ['both, of an unknown type', { layers: [], manifests: [] }, 'application/x-unknown'],
    ['both, one null', { ...imageFields, manifests: null }, mediaTypes.ociManifest],
    ['another type in the body', imageFields, mediaTypes.dockerManifest],
    ['another type in the body, of an unknown type', imageFields, 'application/x-unknown'],
    ['an index that is said to be an image', { schemaVersion: 2, manifests: [] }, mediaTypes.ociManifest],
    ['an image that is said to be an index', { schemaVersion: 2, config, layers: [] }, mediaTypes.ociIndex],
    ['a key twice', '{"schemaVersion":2,"layers":[],"layers":[]}', mediaTypes.ociManifest],
    ['a key twice, of an unknown type', '{"a":1,"a":2}', 'application/x-unknown'],
    ['a key twice far down', '{"x":[{"digest":"a","digest":"b"}]}', 'application/x-unknown'],
    ['a field that Go reads as another', { ...imageFields, Layers: [] }, mediaTypes.ociManifest],
    ['no JSON', 'manifest', mediaTypes.ociManifest],
    ['no JSON and no type', 'manifest', undefined],
    ['bytes that are no UTF-8', new TextDecoder('latin1').decode(Uint8Array.of(0x22, 0xff)), undefined],
    ['no config', { schemaVersion: 2, layers: [] }, mediaTypes.ociManifest],
    ['a malformed digest', { ...imageFields, layers: [{ ...layer, digest: 'sha256:../../x' }] }, undefined],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, mediaTypes.dockerSchema1Signed],
    ['schema 1 as something else', { schemaVersion: 1, fsLayers: [] }, 'application/json'],
    ['a type that is none', {}, 'manifest'],
    ['a type with a line break', {}, 'a/b\r\nX: y'],
    ['a type that is too long', {}, `a/${'b'.repeat(300)}`],
  ])('refuses %s', (_, value, contentType) => {
    expect(() => readPushedManifest(bytesOf(value), contentType)).toThrow(invalid)
  })

  it('takes any other document as it is', () => {
    for (const document of ['', 'text', '[1]', 'null', '"x"', '{"layers":"many","subject":3}']) {
      expect(readPushedManifest(bytesOf(document), 'application/x-unknown')).toEqual({
        mediaType: 'application/x-unknown',
        needed: [],
        optional: [],
        subject: undefined,
        artifactType: undefined,
        annotations: undefined,
      })
    }
  })

  it('honours the references of a document of an unknown type where they are well formed', () => {
    const blob = descriptorOf('blob', 'application/x-blob')
    const fields = { config, blobs: [blob], subject: entry, annotations: { a: 1 } }
    expect(readPushedManifest(bytesOf(fields), 'application/x-unknown')).toMatchObject({
      needed: [{ digest: config.digest }, { digest: blob.digest, mayBeManifest: false }],
      subject: entry.digest,
      artifactType: mediaTypes.ociConfig,
      annotations: undefined,
    })
  })

  it.each([mediaTypes.ociManifest, 'application/x-unknown'])(
    'refuses more references than can be looked up (CVE-2023-33957): %s',
    (mediaType) => {
      const layers = Array.from({ length: maxReferences + 1 }, () => layer)
      const fields = { schemaVersion: 2, config, layers }
      expect(() => readPushedManifest(bytesOf(fields), mediaType)).toThrow(invalid)
    },
  )
})
