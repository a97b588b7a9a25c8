/** A JSON object, its values unread. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Reads UTF-8 JSON; undefined where it is neither. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return value
  } catch {
    return undefined
  }
}

/** The value when it is a JSON object. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return isRecord(value) ? value : undefined
}

/** The string in a field of a JSON object, where there is one. */
export function textIn(value: unknown, name: string): string | undefined {
  const field = asRecord(value)?.[name]
  return typeof field === 'string' ? field : undefined
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
