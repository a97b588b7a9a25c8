import { InvalidDocumentError } from './errors.ts'

/**
 * The fields of one object in a JSON document, each read as what it must be or refused with its path.
 *
 * Written by hand because every command reads manifests first thing: loading valibot takes about 5 ms, and checking an index of
 * 20,000 entries with it 65 to 100 ms, against 15 to 40 ms here, where a path is only worded when something is wrong (Node.js 24).
 * `null` counts as absent everywhere: Go writes it for an empty slice, map or pointer.
 */
export class JsonObject {
  /** What messages call the document: `manifest`, `image config`. */
  readonly document: string
  /** Where this object is in the document; empty for the document itself. */
  readonly path: string
  readonly #fields: Readonly<Record<string, unknown>>

  private constructor(fields: Readonly<Record<string, unknown>>, document: string, path: string) {
    this.#fields = fields
    this.document = document
    this.path = path
  }

  /** @throws {InvalidDocumentError} when `value` is not an object. */
  static from(value: unknown, document: string, path: string): JsonObject {
    if (isRecord(value)) return new JsonObject(value, document, path)
    throw new InvalidDocumentError(document, path, `must be an object, here is ${kindOf(value)}`)
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name)
  }

  /**
   * Refuses a field that is one of `names` but for its case. Go's encoding/json would take `Digest` for `digest`, and read another
   * document than everyone else.
   */
  refuseOtherCase(names: FieldNames): void {
    for (const name in this.#fields) {
      if (names.exact.has(name)) continue
      const meant = names.byUpperCase.get(name.toUpperCase())
      if (meant !== undefined) this.fail(name, `must be written ${JSON.stringify(meant)}`)
    }
  }

  /** A field as it is; undefined when it is absent or null. `name` is none that every object inherits, as `constructor`. */
  value(name: string): unknown {
    return this.#fields[name] ?? undefined
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.fail(name, 'is missing')
  }

  optionalString(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'string') return value
    return this.fail(name, `must be a string, here is ${kindOf(value)}`)
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'boolean') return value
    return this.fail(name, `must be true or false, here is ${kindOf(value)}`)
  }

  /** A whole number from 0 to 2^53 - 1: more cannot be told exactly. */
  optionalCount(name: string): number | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    return this.fail(
      name,
      `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, here is ${typeof value === 'number' ? value : kindOf(value)}`,
    )
  }

  optionalObject(name: string): JsonObject | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : JsonObject.from(value, this.document, this.pathOf(name))
  }

  /** An array's items, each read by `read` with its path; undefined when the field is absent. */
  optionalArray<Item>(name: string, read: (item: unknown, path: string) => Item): Item[] | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) return this.fail(name, `must be an array, here is ${kindOf(value)}`)
    const path = this.pathOf(name)
    return value.map((item: unknown, index) => read(item, `${path}[${index}]`))
  }

  optionalStrings(name: string): string[] | undefined {
    return this.optionalArray(name, (item, path) => {
      if (typeof item === 'string') return item
      throw new InvalidDocumentError(this.document, path, `must be a string, here is ${kindOf(item)}`)
    })
  }

  /** A map of strings to strings. */
  optionalStringMap(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.value(name)
    if (value === undefined || isStringMap(value)) return value
    if (!isRecord(value)) return this.fail(name, `must be an object, here is ${kindOf(value)}`)
    const key = Object.keys(value).find((each) => typeof value[each] !== 'string') ?? ''
    return this.fail(`${name}[${JSON.stringify(key)}]`, `must be a string, here is ${kindOf(value[key])}`)
  }

  /** The keys of a map whose values say nothing, as Go writes a set: `{"80/tcp": {}}`. */
  optionalKeys(name: string): string[] | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (isRecord(value)) return Object.keys(value)
    return this.fail(name, `must be an object, here is ${kindOf(value)}`)
  }

  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  /** Refuses the document for what is in one of this object's fields. */
  fail(name: string, problem: string, cause?: unknown): never {
    throw new InvalidDocumentError(this.document, this.pathOf(name), problem, { cause })
  }
}

/** Names of fields, made once for {@link JsonObject.refuseOtherCase}. */
export interface FieldNames {
  readonly exact: ReadonlySet<string>
  readonly byUpperCase: ReadonlyMap<string, string>
}

/** Upper case folds as Go does it: `ſ` is an `s`. */
export function fieldNames(...names: readonly string[]): FieldNames {
  return { exact: new Set(names), byUpperCase: new Map(names.map((name) => [name.toUpperCase(), name])) }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  if (!isRecord(value)) return false
  for (const key in value) if (typeof value[key] !== 'string') return false
  return true
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
