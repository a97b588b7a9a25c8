import type { SourceText } from './source-text.ts'
import type { ListEntry } from './syntax-tree.ts'

/** What an argument is that looks like a JSON array: its strings, an array of other things, or no JSON at all. */
export type JsonList = readonly ListEntry[] | 'not-strings' | 'not-json'

/** Reads the JSON form of an instruction. What begins like one and is no JSON is a command of the shell form. */
export function readJsonList(source: SourceText): JsonList {
  if (!source.text.startsWith('[')) return 'not-json'
  let value: unknown
  try {
    value = JSON.parse(source.text)
  } catch (error) {
    if (error instanceof SyntaxError) return 'not-json'
    throw error
  }
  if (!Array.isArray(value)) return 'not-json'
  const entries: readonly unknown[] = value
  // The text is a JSON array of strings, so each run in quotes is an entry.
  const places = source.text.matchAll(/"((?:[^"\\]|\\.)*)"/g)
  const list: ListEntry[] = []
  for (const entry of entries) {
    if (typeof entry !== 'string') return 'not-strings'
    const place = places.next().value
    const start = (place?.index ?? 0) + 1
    list.push({ value: entry, source: source.slice(start, start + (place?.[1]?.length ?? 0)) })
  }
  return list
}
