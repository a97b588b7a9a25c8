import { describe, expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import {
  emptyDescriptor,
  emptyJson,
  isForeignLayer,
  isIndex,
  isLayerArchive,
  isManifest,
  isSchema1,
  mediaTypes,
} from './media-types.ts'

const kinds = { isManifest, isIndex, isSchema1, isLayerArchive, isForeignLayer }

describe('predicates of media types', () => {
  test.each([
    [mediaTypes.ociManifest, ['isManifest']],
    [mediaTypes.dockerManifest, ['isManifest']],
    [mediaTypes.ociIndex, ['isIndex']],
    [mediaTypes.dockerIndex, ['isIndex']],
    [mediaTypes.dockerSchema1, ['isSchema1']],
    [mediaTypes.dockerSchema1Signed, ['isSchema1']],
    [mediaTypes.ociLayer, ['isLayerArchive']],
    [mediaTypes.ociLayerGzip, ['isLayerArchive']],
    [mediaTypes.ociLayerZstd, ['isLayerArchive']],
    [mediaTypes.dockerLayer, ['isLayerArchive']],
    [mediaTypes.dockerLayerGzip, ['isLayerArchive']],
    [mediaTypes.dockerLayerZstd, ['isLayerArchive']],
    [mediaTypes.ociForeignLayer, ['isLayerArchive', 'isForeignLayer']],
    [mediaTypes.ociForeignLayerGzip, ['isLayerArchive', 'isForeignLayer']],
    [mediaTypes.ociForeignLayerZstd, ['isLayerArchive', 'isForeignLayer']],
    [mediaTypes.dockerForeignLayer, ['isLayerArchive', 'isForeignLayer']],
    [mediaTypes.dockerForeignLayerGzip, ['isLayerArchive', 'isForeignLayer']],
    [mediaTypes.ociConfig, []],
    [mediaTypes.dockerConfig, []],
    [mediaTypes.ociEmpty, []],
    [`${mediaTypes.ociLayerGzip}+encrypted`, []],
    ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', []],
    ['', []],
  ])('%s is %j', (mediaType, expected) => {
    const found = Object.entries(kinds).flatMap(([name, is]) => (is(mediaType) ? [name] : []))
    expect(found).toEqual(expected)
  })

  test('emptyDescriptor names the bytes {}', () => {
    expect(new TextDecoder().decode(emptyJson)).toBe('{}')
    expect(emptyDescriptor).toStrictEqual({
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: digestOf(emptyJson),
      size: 2,
    })
  })
})
