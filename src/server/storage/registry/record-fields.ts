import { type Digest, isDigest } from '../../../oci/index.ts'
import { DamagedRecordError } from './damaged-record-error.ts'

/**
 * The fields of a record's JSON object, each read as what it must be or refused with the record's key. Written by hand
 * because every request reads one or two.
 */
export class RecordFields {
  readonly #key: string
  readonly #fields: Readonly<Record<string, unknown>>

  private constructor(key: string, fields: Readonly<Record<string, unknown>>) {
    this.#key = key
    this.#fields = fields
  }

  /** @throws {DamagedRecordError} when the bytes are no JSON object. */
  static parse(key: string, bytes: Uint8Array): RecordFields {
    const value = parseJson(key, bytes)
    if (isObject(value)) return new RecordFields(key, value)
    throw new DamagedRecordError(key, 'it is not a JSON object')
  }

  text(name: string): string {
    const value = this.#own(name)
    if (typeof value === 'string' && value !== '') return value
    throw new DamagedRecordError(this.#key, `its ${name} is not a text`)
  }

  digest(name: string): Digest {
    const value = this.#own(name)
    if (typeof value === 'string' && isDigest(value)) return value
    throw new DamagedRecordError(this.#key, `its ${name} is not a digest`)
  }

  optionalDigest(name: string): Digest | undefined {
    return this.#own(name) === undefined ? undefined : this.digest(name)
  }

  /** A number of bytes, or of milliseconds since the epoch. */
  count(name: string): number {
    const value = this.#own(name)
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw new DamagedRecordError(this.#key, `its ${name} is not a whole number`)
  }

  optionalCount(name: string): number | undefined {
    return this.#own(name) === undefined ? undefined : this.count(name)
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
  }
}

/** A record's value: compact JSON in UTF-8; what is undefined is left out. */
export function encodeFields(fields: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(JSON.stringify(fields))
}

function parseJson(key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as unknown
  } catch (error) {
    throw new DamagedRecordError(key, 'it is not JSON', { cause: error })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
