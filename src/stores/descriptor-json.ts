import type { Descriptor, Platform } from '../oci/index.ts'
import type { JsonObject } from './json-object.ts'

/** A descriptor as it stands in a document. */
export function descriptorJson(descriptor: Descriptor): JsonObject {
  const { data, platform, ...rest } = descriptor
  return {
    ...rest,
    ...(data === undefined ? {} : { data: Buffer.from(data).toString('base64') }),
    ...(platform === undefined ? {} : { platform: platformJson(platform) }),
  }
}

function platformJson({ osVersion, osFeatures, ...rest }: Platform): JsonObject {
  return {
    ...rest,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(osFeatures === undefined ? {} : { 'os.features': osFeatures }),
  }
}
