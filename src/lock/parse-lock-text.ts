import { type BaseIssue, safeParse } from 'valibot'
import {
  type Document,
  isCollection,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Lock } from './lock.ts'
import { LockFileError } from './lock-file-error.ts'
import { lockOf, WrongFieldError } from './lock-of.ts'
import { lockSchema } from './lock-schema.ts'
import { lockVersion } from './serialize-lock.ts'

/** Reads the text of a lock file without conflict markers. @throws {LockFileError} with line and column. */
export function parseLockText(text: string, file: string): Lock {
  const lines = new LineCounter()
  const document = documentOf(text, file, lines)
  const fail = (problem: string, offset: number): LockFileError =>
    new LockFileError(file, problem, positionOf(lines, offset))

  const [syntaxError] = document.errors
  if (syntaxError !== undefined) {
    const isStack = /call stack/.test(syntaxError.message)
    throw fail(isStack ? tooDeep : syntaxError.message, syntaxError.pos[0])
  }
  refuseWhatIsNeverWritten(document, fail)
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  refuseOtherVersions(value, document, fail)
  const result = safeParse(lockSchema, value, { abortEarly: true })
  if (!result.success) {
    const [issue] = result.issues
    const path = (issue.path ?? []).map(({ key }) => key)
    throw fail(`${path.join(' › ') || 'the document'}: ${problemOf(issue)}`, offsetOf(document, path))
  }
  try {
    return lockOf(result.output)
  } catch (error) {
    if (!(error instanceof WrongFieldError)) throw error
    throw fail(`${error.path.join(' › ')}: ${error.message}`, offsetOf(document, error.path))
  }
}

function documentOf(text: string, file: string, lines: LineCounter): Document {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: 'core',
      version: '1.2',
      uniqueKeys: false,
    })
  } catch (cause) {
    // Depth is bounded by the stack alone.
    throw new LockFileError(file, tooDeep, undefined, { cause })
  }
}

const tooDeep = 'it is nested too deep'

type Fail = (problem: string, offset: number) => LockFileError

/** Anchors, aliases, tags, and keys that are no texts or that JavaScript objects have a meaning for. */
function refuseWhatIsNeverWritten(document: Document, fail: Fail): void {
  visit(document, {
    Alias(_, node) {
      throw fail(`*${node.source} is an alias, which has no place in a lock file`, at(node))
    },
    Node(_, node) {
      if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined)
        throw fail(`&${node.anchor} is an anchor, which has no place in a lock file`, at(node))
      if (node.tag !== undefined && isScalar(node))
        throw fail(`${node.tag} is a tag, which has no place in a lock file`, at(node))
    },
    Map(_, { items }) {
      // The parser's own check compares each key with each other one.
      const known = new Set<unknown>()
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key
        if (known.has(name)) throw fail('Map keys must be unique', isNode(key) ? at(key) : 0)
        known.add(name)
      }
    },
    Pair(_, { key, value }) {
      if (!isScalar(key) || typeof key.value !== 'string')
        throw fail('a key has to be a text', isNode(key) ? at(key) : 0)
      if (['__proto__', 'prototype', 'constructor', '<<'].includes(key.value))
        throw fail(`there is no such key as ${key.value}`, at(key))
      // To valibot an array is a record too.
      if (['images', 'platforms', 'signers'].includes(key.value) && isSeq(value))
        throw fail(`${key.value}: expected keys with their values, found a list`, at(value))
    },
  })
}

function at({ range }: { readonly range?: Node['range'] }): number {
  return range?.[0] ?? 0
}

function refuseOtherVersions(value: unknown, document: Document, fail: Fail): void {
  if (typeof value !== 'object' || value === null || !('version' in value)) return
  const { version } = value
  if (version === lockVersion) return
  const known =
    typeof version === 'number' && version > lockVersion ? 'a newer lading wrote it' : 'no lading writes it'
  throw fail(
    `version ${JSON.stringify(version)} is not known here: ${known}`,
    offsetOf(document, ['version']),
  )
}

/** Where the value at a path begins, or what is nearest around it. */
function offsetOf(document: Document, path: readonly unknown[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range !== null && node.range !== undefined) return node.range[0]
  }
  return 0
}

function positionOf(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function problemOf(issue: BaseIssue<unknown>): string {
  if (issue.kind === 'schema' && issue.expected === 'never') return 'there is no such key'
  if (issue.kind === 'schema' && issue.received === 'undefined') return 'it is missing'
  // A check says what it wants in its own words; what valibot itself writes begins so.
  if (!issue.message.startsWith('Invalid ')) return issue.message
  return `expected ${issue.expected ?? 'something else'}, found ${issue.received}`
}
