import {
  artifactTypeOf,
  childrenOf,
  type Descriptor,
  type Digest,
  isForeignLayer,
  isIndex,
  isManifest,
  isSchema1,
  parseDescriptor,
  parseManifest,
} from '../../../oci/index.ts'
import { LadingError } from '../../../errors/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import { repeatedKey } from './repeated-key.ts'

/** A content that a manifest names and its repository must have. */
export interface NeededContent {
  readonly digest: Digest
  readonly mediaType: string
  /** Whether a manifest of the repository will do (entries of an index), and not only a blob. */
  readonly mayBeManifest: boolean
}

/** What a pushed document says of itself, as far as the registry has to know it. */
export interface ReadManifest {
  /** The request's type, or else the document's own. */
  readonly mediaType: string
  /** Each once. */
  readonly needed: readonly NeededContent[]
  /** Layers that may be elsewhere (foreign ones): kept where they are here, and never asked for. */
  readonly optional: readonly Digest[]
  readonly subject: Digest | undefined
  readonly artifactType: string | undefined
  readonly annotations: Readonly<Record<string, string>> | undefined
}

/** The most contents that a manifest may name; each is looked up when it is pushed. */
export const maxReferences = 20_000

/** The longest media type, in bytes: what RFC 6838 allows its two parts. */
const maxMediaTypeLength = 255

/** `type/subtype` of RFC 9110, section 8.3.1. */
const mediaTypePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Reads a document that is pushed as a manifest. Images and indexes, OCI and Docker schema 2, are held to their
 * specifications. Any other document is taken as it is; where it is a JSON object with `config`, `layers`, `blobs`,
 * `manifests` or `subject` of descriptors, these are understood as in an image.
 *
 * @param contentType The request's, without parameters.
 * @throws {ProtocolError} MANIFEST_INVALID: damaged, ambiguous (could be read as two different documents,
 * GHSA-5j5w-g665-5m35), of a type that contradicts its content, schema 1, more than {@link maxReferences} references.
 */
export function readPushedManifest(bytes: Uint8Array, contentType: string | undefined): ReadManifest {
  const fields = readJsonObject(bytes)
  const stated = typeof fields?.['mediaType'] === 'string' ? fields['mediaType'] : undefined
  if (contentType !== undefined && stated !== undefined && contentType.toLowerCase() !== stated.toLowerCase())
    throw invalid(`its mediaType ${quoted(stated)} contradicts the content type ${quoted(contentType)}`)
  if (fields !== undefined) refuseTwoKinds(fields)
  const mediaType = contentType ?? stated
  if (mediaType === undefined || isKnown(mediaType)) return readKnown(bytes, mediaType)
  if (isSchema1(mediaType) || fields?.['schemaVersion'] === 1) throw invalid(schema1Problem)
  if (mediaType.length > maxMediaTypeLength || !mediaTypePattern.test(mediaType))
    throw invalid(`${quoted(mediaType)} is not a media type`)
  return fields === undefined ? { ...withoutReferences, mediaType } : readUnknown(fields, mediaType)
}

function isKnown(mediaType: string): boolean {
  return isManifest(mediaType.toLowerCase()) || isIndex(mediaType.toLowerCase())
}

function readKnown(bytes: Uint8Array, mediaType: string | undefined): ReadManifest {
  try {
    const manifest = parseManifest(bytes, mediaType)
    const children = childrenOf(manifest)
    return {
      mediaType: mediaType ?? manifest.mediaType,
      ...(manifest.kind === 'index'
        ? sortReferences([], children)
        : sortReferences([manifest.config], [], manifest.layers)),
      subject: manifest.subject?.digest,
      artifactType: artifactTypeOf(manifest),
      annotations: manifest.annotations,
    }
  } catch (error) {
    if (error instanceof LadingError && !(error instanceof ProtocolError))
      throw invalid(error.message.replace(/^Cannot read manifest: /, ''), error)
    throw error
  }
}

function readUnknown(fields: Fields, mediaType: string): ReadManifest {
  const config = descriptorsIn([fields['config']])
  const artifactType = fields['artifactType']
  return {
    mediaType,
    ...sortReferences(config, descriptorsIn(fields['manifests']), [
      ...descriptorsIn(fields['layers']),
      ...descriptorsIn(fields['blobs']),
    ]),
    subject: descriptorsIn([fields['subject']])[0]?.digest,
    artifactType:
      typeof artifactType === 'string' && artifactType !== '' ? artifactType : config[0]?.mediaType,
    annotations: isStringMap(fields['annotations']) ? fields['annotations'] : undefined,
  }
}

const withoutReferences = {
  needed: [],
  optional: [],
  subject: undefined,
  artifactType: undefined,
  annotations: undefined,
} satisfies Omit<ReadManifest, 'mediaType'>

/** Each content once; what must be a blob stays that, where it also is an entry. */
function sortReferences(
  blobs: readonly Descriptor[],
  entries: readonly Descriptor[],
  layers: readonly Descriptor[] = [],
): Pick<ReadManifest, 'needed' | 'optional'> {
  const count = blobs.length + entries.length + layers.length
  if (count > maxReferences) throw invalid(`it names ${count} contents, at most ${maxReferences} are allowed`)
  const needed = new Map<Digest, NeededContent>()
  const optional = new Set<Digest>()
  for (const { digest, mediaType } of entries) needed.set(digest, { digest, mediaType, mayBeManifest: true })
  for (const { digest, mediaType } of blobs) needed.set(digest, { digest, mediaType, mayBeManifest: false })
  for (const layer of layers) {
    const { digest, mediaType } = layer
    if (isForeignLayer(mediaType) || (layer.urls?.length ?? 0) > 0) optional.add(digest)
    else needed.set(digest, { digest, mediaType, mayBeManifest: false })
  }
  return { needed: [...needed.values()], optional: [...optional].filter((digest) => !needed.has(digest)) }
}

type Fields = Readonly<Record<string, unknown>>

/** The document as a JSON object; undefined when it is something else. */
function readJsonObject(bytes: Uint8Array): Fields | undefined {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    // Not JSON, and so nothing that references could be read from; known types are refused when they are parsed.
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const repeated = repeatedKey(text)
  if (repeated !== undefined) throw invalid(`the key ${quoted(repeated)} stands twice in one object`)
  return { ...value }
}

function refuseTwoKinds(fields: Fields): void {
  for (const [one, other] of [
    ['layers', 'manifests'],
    ['config', 'manifests'],
    ['fsLayers', 'manifests'],
    ['fsLayers', 'layers'],
  ] as const) {
    if (Object.hasOwn(fields, one) && Object.hasOwn(fields, other))
      throw invalid(
        `it has both ${quoted(one)} and ${quoted(other)}, and could be read as two different documents`,
      )
  }
}

/** The descriptors of a list in a document of an unknown type; a list that holds anything else says nothing. */
function descriptorsIn(list: unknown): readonly Descriptor[] {
  if (!Array.isArray(list)) return []
  if (list.length > maxReferences)
    throw invalid(`it names ${list.length} contents, at most ${maxReferences} are allowed`)
  try {
    return list.map((item: unknown) => parseDescriptor(item))
  } catch {
    return []
  }
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((each) => typeof each === 'string')
}

const schema1Problem = 'it is in the old "schema 1" format, gone since Docker 29'

function invalid(problem: string, cause?: unknown): ProtocolError {
  return new ProtocolError('MANIFEST_INVALID', `Cannot store the manifest: ${problem}`, { cause })
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
