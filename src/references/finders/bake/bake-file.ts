import { FilePositions } from '../../file-positions.ts'
import type { Block, Body, Expression, ObjectExpression } from './hcl.ts'
import { parseHcl, parseHclJson } from './parse-hcl.ts'

/** A Bake file as it is read. */
export interface BakeFile {
  /** Path from the project's root. */
  readonly file: string
  readonly text: string
  readonly isExact: boolean
  readonly positions: FilePositions
  readonly body: Body
}

/** The blocks of a Bake file, which in JSON are objects by their names. */
const blockTypes: ReadonlySet<string> = new Set(['function', 'group', 'target', 'variable'])

/**
 * Reads a Bake file by its ending.
 *
 * @throws {InvalidHclError}
 */
export function readBakeFile(file: string, text: string, isExact: boolean): BakeFile {
  const body = file.endsWith('.json') ? bodyOfJson(parseHclJson(text)) : parseHcl(text)
  return { file, text, isExact, positions: new FilePositions(text), body }
}

function bodyOfJson(value: Expression): Body {
  if (value.kind !== 'object') return { attributes: [], blocks: [] }
  const attributes: { name: string; value: Expression }[] = []
  const blocks: Block[] = []
  for (const { key, value: entry } of value.entries) {
    if (key === undefined) continue
    if (blockTypes.has(key)) for (const block of blocksOf(key, entry)) blocks.push(block)
    else attributes.push({ name: key, value: entry })
  }
  return { attributes, blocks }
}

function blocksOf(type: string, value: Expression): readonly Block[] {
  return objectsOf(value).flatMap(({ entries }) =>
    entries.flatMap(({ key, value: block }) =>
      key === undefined
        ? []
        : objectsOf(block).map(({ start, end, entries: attributes }) => ({
            type,
            labels: [key],
            start,
            end,
            body: {
              attributes: attributes.flatMap((one) =>
                one.key === undefined ? [] : [{ name: one.key, value: one.value }],
              ),
              blocks: [],
            },
          })),
    ),
  )
}

/** An object, or the objects of a list. */
function objectsOf(value: Expression): readonly ObjectExpression[] {
  if (value.kind === 'object') return [value]
  return value.kind === 'list' ? value.items.filter((item) => item.kind === 'object') : []
}
