import { DamagedContentError, UnsupportedError } from '../content/index.ts'
import { isJsonObject, parseJson } from './json-object.ts'

/** What `oci-layout` holds: the same bytes as umoci, skopeo and Docker write (image-layout.md, "oci-layout file"). */
export const layoutHeader = '{"imageLayoutVersion":"1.0.0"}'

/** The most bytes that `oci-layout` may have. */
export const layoutHeaderLimit: number = 64 * 1024

/** Checks the bytes of `oci-layout`. @throws {DamagedContentError} @throws {UnsupportedError} when the version is not 1. */
export function checkLayoutHeader(bytes: Uint8Array, display: string): void {
  const header = parseJson(bytes, `oci-layout of ${display}`)
  const version = isJsonObject(header) ? header['imageLayoutVersion'] : undefined
  if (typeof version !== 'string') {
    throw new DamagedContentError(`Cannot open ${display}: oci-layout does not say its imageLayoutVersion`)
  }
  if (!/^1\.\d+\.\d+$/.test(version)) {
    throw new UnsupportedError(
      `Cannot open ${display}: it is a layout of version ${JSON.stringify(version.slice(0, 40))}, not 1`,
    )
  }
}
