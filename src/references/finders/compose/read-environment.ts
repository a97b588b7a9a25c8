import { FilePositions } from '../../file-positions.ts'
import type { ProjectFiles } from '../../finder.ts'
import type { EnvironmentEntry } from './environment-entry.ts'
import { interpolate } from './interpolate.ts'
import { parseTemplate } from './parse-template.ts'

/** A name, and what is behind the `=`. */
const lines = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=(.*)$/gm
const quoted = /^[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\.)*)")/

/**
 * The values of the `.env` in a folder (from the project's root, with a `/` at its end; empty: the root); none where there is no such
 * file. Later lines go before earlier ones, and see them.
 */
export async function readEnvironment(
  files: ProjectFiles,
  folder: string,
): Promise<ReadonlyMap<string, EnvironmentEntry>> {
  const file = `${folder}.env`
  const bytes = await files.read(file)
  const entries = new Map<string, EnvironmentEntry>()
  if (bytes === undefined) return entries
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  const positions = new FilePositions(text)
  for (const match of text.matchAll(lines)) {
    const [line, name = '', rest = ''] = match
    const [, single, double] = quoted.exec(rest) ?? []
    const written = single ?? double ?? withoutComment(rest)
    const value = single ?? expand(written, entries)
    if (value === undefined) continue
    const start = match.index + line.indexOf(written, line.indexOf('=') + 1)
    entries.set(name, { value, at: { file, range: positions.range(start, start + written.length) } })
  }
  return entries
}

/** A comment begins behind a blank. */
function withoutComment(text: string): string {
  const comment = text.search(/[ \t]#/)
  return (comment < 0 ? text : text.slice(0, comment)).trim()
}

/** Undefined where it depends on what is not known. */
function expand(text: string, entries: ReadonlyMap<string, EnvironmentEntry>): string | undefined {
  if (!text.includes('$')) return text
  const parts = parseTemplate(text)
  if (parts === undefined) return text
  const expanded = interpolate(parts, entries)
  return expanded.missing.size === 0 ? expanded.text : undefined
}
