import { DamagedContentError } from '../content/index.ts'

/** A JSON object whose members nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Says whether a JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads JSON in UTF-8.
 *
 * @param what How messages name it: `index.json of oci:dir`.
 * @throws {DamagedContentError} when it is not UTF-8 or not JSON.
 */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    const value: unknown = JSON.parse(strictText.decode(bytes))
    return value
  } catch (error) {
    throw new DamagedContentError(`Cannot read ${what}: it is not JSON`, { cause: error })
  }
}

const strictText = new TextDecoder('utf-8', { fatal: true })
