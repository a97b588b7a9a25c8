import type { Descriptor } from './descriptor.ts'
import { type Digest, isDigest, parseDigest } from './digest.ts'
import { InvalidDigestError } from './errors.ts'
import { fieldNames, JsonObject } from './json-object.ts'
import type { Platform } from './platform.ts'

const names = fieldNames(
  'mediaType',
  'digest',
  'size',
  'annotations',
  'platform',
  'artifactType',
  'data',
  'urls',
)

/**
 * Reads a descriptor out of parsed JSON (OCI image specification, descriptor.md). Unknown fields are ignored, null
 * counts as absent, a platform that names neither system nor architecture is none.
 *
 * @param document what messages call the whole: `index`
 * @param path where the descriptor is in it: `manifests[2]`
 * @throws {InvalidDocumentError} naming the field, as `manifests[2].size`.
 */
export function parseDescriptor(value: unknown, document = 'descriptor', path = ''): Descriptor {
  const fields = JsonObject.from(value, document, path)
  fields.refuseOtherCase(names)
  const mediaType = fields.string('mediaType')
  const digest = readDigest(fields, 'digest')
  const size = fields.optionalCount('size') ?? fields.fail('size', 'is missing')
  const descriptor: Mutable<Descriptor> = { mediaType, digest, size }
  const annotations = fields.optionalStringMap('annotations')
  if (annotations !== undefined) descriptor.annotations = annotations
  const platform = readPlatform(fields)
  if (platform !== undefined) descriptor.platform = platform
  const artifactType = fields.optionalString('artifactType')
  if (artifactType !== undefined && artifactType !== '') descriptor.artifactType = artifactType
  const data = readData(fields, size)
  if (data !== undefined) descriptor.data = data
  const urls = fields.optionalStrings('urls')
  if (urls !== undefined) descriptor.urls = urls
  return descriptor
}

/** Being built, field by field: spreading each into a new object takes twice as long, and an index may have thousands. */
type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

/** A field that must be a digest. Not for outside this folder. */
export function readDigest(fields: JsonObject, name: string): Digest {
  const text = fields.string(name)
  if (isDigest(text)) return text
  try {
    return parseDigest(text)
  } catch (error) {
    return fields.fail(name, error instanceof InvalidDigestError ? error.problem : 'is not a digest', error)
  }
}

/** The platform that an object holds in its own fields, as image configs do; absent texts are empty. Not for outside this folder. */
export function readPlatformFields(fields: JsonObject): Platform {
  const platform: Mutable<Platform> = {
    os: fields.optionalString('os') ?? '',
    architecture: fields.optionalString('architecture') ?? '',
  }
  const variant = fields.optionalString('variant')
  if (variant !== undefined && variant !== '') platform.variant = variant
  const osVersion = fields.optionalString('os.version')
  if (osVersion !== undefined && osVersion !== '') platform.osVersion = osVersion
  const osFeatures = fields.optionalStrings('os.features')
  if (osFeatures !== undefined && osFeatures.length > 0) platform.osFeatures = osFeatures
  return platform
}

function readPlatform(fields: JsonObject): Platform | undefined {
  const object = fields.optionalObject('platform')
  if (object === undefined) return undefined
  const platform = readPlatformFields(object)
  return platform.os === '' && platform.architecture === '' ? undefined : platform
}

/** Content carried in the descriptor: base64 (RFC 4648, section 4) of exactly `size` bytes. */
function readData(fields: JsonObject, size: number): Uint8Array | undefined {
  const text = fields.optionalString('data')
  if (text === undefined) return undefined
  if (text.length !== Math.ceil(size / 3) * 4)
    return fields.fail('data', `does not hold the ${size} bytes that the descriptor's size says`)
  const data = Buffer.from(text, 'base64')
  if (data.toString('base64') !== text) return fields.fail('data', 'is not base64')
  if (data.length !== size)
    return fields.fail('data', `holds ${data.length} bytes, the descriptor's size says ${size}`)
  return new Uint8Array(data)
}
