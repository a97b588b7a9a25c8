import { LadingError } from '../errors/index.ts'
import { type Digest, digestOf, InvalidReferenceError, parseReference } from '../oci/index.ts'
import type { EditSite, FileRange } from './occurrence.ts'

/** What a place of a file is to name. */
export interface WantedEdit {
  readonly edit: EditSite
  /** The tag that is written; default: the one that is there, or none. */
  readonly tag?: string | undefined
  /** The digest that is written; undefined: none, and one that is there is taken away. */
  readonly digest: Digest | undefined
}

/** The file that is edited. */
export interface EditedFile {
  readonly file: string
  /** As it is now. */
  readonly bytes: Uint8Array
  /** Of the bytes that the places were found in. */
  readonly digest: Digest
}

/** A file is not edited: it changed, or its places contradict each other. */
export class EditRefusedError extends LadingError<'EDIT_REFUSED'> {
  constructor(file: string, reason: string, hint?: string) {
    super('EDIT_REFUSED', `Cannot edit ${file}: ${reason}`, { hint })
  }
}

/**
 * Gives the bytes of a file with its places written anew. Only the bytes of tags and digests change: the name stays as it is
 * written, and so does everything around it. Edits of one place that want the same are one; what is there already stays, so that
 * editing again changes nothing.
 *
 * @throws {EditRefusedError} when the file is not what it was, a place cannot be edited or belongs to another file, or two edits
 *   contradict each other.
 */
export function applyEdits({ file, bytes, digest }: EditedFile, wanted: readonly WantedEdit[]): Uint8Array {
  if (digestOf(bytes) !== digest)
    throw new EditRefusedError(file, 'it changed since it was read', 'Try again.')
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const changes = wanted.flatMap((one) => changesOf(file, source, one))
  const parts: Uint8Array[] = []
  let at = 0
  for (const { start, end, text } of inOrder(file, changes)) {
    parts.push(source.subarray(at, start), Buffer.from(text))
    at = end
  }
  return Buffer.concat([...parts, source.subarray(at)])
}

/** Bytes from `start` up to `end` become a text. */
interface Change {
  readonly start: number
  readonly end: number
  readonly text: string
}

function changesOf(file: string, source: Buffer, { edit, tag, digest }: WantedEdit): readonly Change[] {
  if (edit.kind === 'none') throw new EditRefusedError(file, edit.reason)
  if (edit.file !== file) throw new EditRefusedError(file, `the place is in ${edit.file}`)
  if (edit.kind === 'reference') {
    const text = rewrite(file, textAt(file, source, edit.range), tag, digest)
    return [{ start: edit.range.start, end: edit.range.end, text }]
  }
  const changes: Change[] = []
  if (edit.tag !== undefined && tag !== undefined)
    changes.push({ start: edit.tag.start, end: edit.tag.end, text: tag })
  if (edit.digest !== undefined) {
    const { start, end } = edit.digest
    const isQuoted = /["']/.test(source.toString('latin1', start - 1, start))
    changes.push({ start, end, text: digest ?? (isQuoted ? '' : '""') })
  } else if (edit.insert !== undefined && digest !== undefined) {
    const { at, before, after } = edit.insert
    changes.push({ start: at.start, end: at.end, text: `${before}${digest}${after}` })
  }
  return changes
}

function textAt(file: string, source: Buffer, { start, end }: FileRange): string {
  if (start < 0 || end > source.length || start > end)
    throw new EditRefusedError(file, 'the place is outside of it')
  return source.toString('utf8', start, end)
}

/** The reference with another tag or digest, its name as it was written. */
function rewrite(file: string, text: string, tag: string | undefined, digest: Digest | undefined): string {
  try {
    parseReference(text)
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error
    throw new EditRefusedError(file, `there is no image name where one was: ${error.message}`)
  }
  const [named = ''] = text.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  const kept = tag ?? (colon < 0 ? undefined : named.slice(colon + 1))
  return name + (kept === undefined ? '' : `:${kept}`) + (digest === undefined ? '' : `@${digest}`)
}

/** From the first to the last, each once. */
function inOrder(file: string, changes: readonly Change[]): readonly Change[] {
  const sorted = changes.toSorted((one, other) => one.start - other.start || one.end - other.end)
  const distinct: Change[] = []
  for (const change of sorted) {
    const last = distinct.at(-1)
    const isSame = last?.start === change.start && last.end === change.end
    if (last === undefined || (!isSame && change.start >= last.end)) distinct.push(change)
    else if (!isSame || last.text !== change.text)
      throw new EditRefusedError(file, `${last.text} and ${change.text} are wanted in one place`)
  }
  return distinct
}
