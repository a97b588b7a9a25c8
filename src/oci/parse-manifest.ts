import { InvalidDocumentError, quote, UnsupportedDocumentError } from './errors.ts'
import { fieldNames, JsonObject } from './json-object.ts'
import type { ImageIndex, ImageManifest, Manifest } from './manifest.ts'
import { isIndex, isManifest, isSchema1, mediaTypes } from './media-types.ts'
import { parseDescriptor } from './parse-descriptor.ts'
import { parseJson } from './parse-json.ts'

/** The largest manifest that is read, in bytes. */
export const maxManifestBytesRead: number = 8 * 1024 * 1024

/** The largest manifest that is pushed, in bytes: what registries must take (OCI distribution specification, "Pushing Manifests"). */
export const maxManifestBytesPushed: number = 4 * 1024 * 1024

const documentName = 'manifest'

/**
 * Reads a manifest or an index, OCI or Docker v2 schema 2.
 *
 * What it is, is told by its `mediaType`, by `contentType` (the header or descriptor it came with; parameters are ignored,
 * and generic types as `application/json` say nothing), and failing both by its shape. These must agree, and a document
 * that could be read both as a manifest and as an index is refused (GHSA-qq97-vm5h-rrhg).
 *
 * @throws {UnsupportedDocumentError} schema 1, the withdrawn artifact manifest, any other type.
 * @throws {InvalidDocumentError} too large, not UTF-8, not JSON, ambiguous, or a field that is not what it must be.
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): Manifest {
  const expected = essence(contentType)
  if (expected !== undefined) refuseUnsupported(expected)
  const fields = JsonObject.from(parseJson(bytes, documentName, maxManifestBytesRead), documentName, '')
  refuseSchema1(fields)
  refuseAmbiguous(fields)
  const stated = fields.optionalString('mediaType') || undefined
  if (stated !== undefined) refuseUnsupported(stated)
  if (stated !== undefined && expected !== undefined && stated !== expected)
    fields.fail(
      'mediaType',
      `${quote(stated)} contradicts the content type ${quote(expected)} that it came with`,
    )
  checkSchemaVersion(fields)
  const mediaType = stated ?? expected ?? mediaTypeOfShape(fields)
  return isIndex(mediaType) ? readIndex(fields, mediaType) : readManifest(fields, mediaType)
}

function readManifest(fields: JsonObject, mediaType: string): ImageManifest {
  if (fields.value('manifests') !== undefined) fields.fail('manifests', `does not belong in ${mediaType}`)
  const config = fields.value('config') ?? fields.fail('config', 'is missing')
  return {
    kind: 'manifest',
    mediaType,
    config: parseDescriptor(config, documentName, 'config'),
    layers: fields.optionalArray('layers', readEntry) ?? [],
    ...readShared(fields),
  }
}

function readIndex(fields: JsonObject, mediaType: string): ImageIndex {
  for (const name of ['config', 'layers'])
    if (fields.value(name) !== undefined) fields.fail(name, `does not belong in ${mediaType}`)
  return {
    kind: 'index',
    mediaType,
    manifests: fields.optionalArray('manifests', readEntry) ?? [],
    ...readShared(fields),
  }
}

function readEntry(value: unknown, path: string): ReturnType<typeof parseDescriptor> {
  return parseDescriptor(value, documentName, path)
}

function readShared(fields: JsonObject): Pick<Manifest, 'artifactType' | 'subject' | 'annotations'> {
  const artifactType = fields.optionalString('artifactType')
  const subject = fields.value('subject')
  const annotations = fields.optionalStringMap('annotations')
  return {
    ...(artifactType === undefined || artifactType === '' ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject: parseDescriptor(subject, documentName, 'subject') }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

const generic = new Set([
  '',
  'text/plain',
  'application/json',
  'application/octet-stream',
  'binary/octet-stream',
])

/** A content type without its parameters; undefined when it says nothing. */
function essence(contentType: string | undefined): string | undefined {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return generic.has(type) ? undefined : type
}

function refuseUnsupported(mediaType: string): void {
  if (isManifest(mediaType) || isIndex(mediaType)) return
  if (isSchema1(mediaType)) throw schema1Error()
  if (mediaType === mediaTypes.ociArtifactManifest) {
    throw new UnsupportedDocumentError(
      documentName,
      'it is an OCI artifact manifest, which was withdrawn before OCI 1.1',
      {
        hint: 'Push the artifact again with a current tool; it then is an image manifest with an artifactType.',
      },
    )
  }
  throw new UnsupportedDocumentError(
    documentName,
    `${quote(mediaType)} is not the type of an image manifest or index`,
  )
}

/** Schema 1 has no content digests for its config and is signed over another form than its bytes. */
function refuseSchema1(fields: JsonObject): void {
  if (fields.value('schemaVersion') === 1) throw schema1Error()
}

function schema1Error(): UnsupportedDocumentError {
  return new UnsupportedDocumentError(
    documentName,
    'it is in the old "schema 1" format, gone since Docker 29',
    {
      hint: 'Build the image again, or convert it: skopeo copy --format v2s2 docker://IMAGE docker://IMAGE.',
    },
  )
}

const names = fieldNames(
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
  'fsLayers',
)

/**
 * Refuses what others could read as another kind of document: fields of two kinds side by side, even with null in them, and
 * fields that only Go's encoding/json, which ignores case, would take for those of the specification.
 */
function refuseAmbiguous(fields: JsonObject): void {
  fields.refuseOtherCase(names)
  for (const [one, other] of [
    ['layers', 'manifests'],
    ['config', 'manifests'],
    ['fsLayers', 'manifests'],
    ['fsLayers', 'layers'],
    ['fsLayers', 'config'],
  ] as const) {
    if (fields.has(one) && fields.has(other)) {
      throw new InvalidDocumentError(
        documentName,
        '',
        `it has both ${quote(one)} and ${quote(other)}, and could be read as two different documents`,
      )
    }
  }
}

function checkSchemaVersion(fields: JsonObject): void {
  const version = fields.optionalCount('schemaVersion')
  if (version === undefined) fields.fail('schemaVersion', 'is missing')
  if (version !== 2) fields.fail('schemaVersion', `must be 2, here is ${version}`)
}

/** OCI 1.0 documents need not state their type. */
function mediaTypeOfShape(fields: JsonObject): string {
  if (fields.has('manifests')) return mediaTypes.ociIndex
  if (fields.has('config') || fields.has('layers')) return mediaTypes.ociManifest
  throw new InvalidDocumentError(documentName, '', 'it has neither "config" and "layers" nor "manifests"')
}
