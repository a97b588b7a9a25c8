import { type PaxRecord } from './pax-records.ts'
import { type SparseExtent, sparseExtents } from './sparse-map.ts'

/** What PAX records and GNU long names say about the entry that follows them. */
export interface EntryAttributes {
  readonly path?: string | undefined
  readonly linkPath?: string | undefined
  readonly size?: number | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly userName?: string | undefined
  readonly groupName?: string | undefined
  readonly mtime?: number | undefined
  readonly sparse?: PaxSparse | undefined
  /** Every other record. */
  readonly others: ReadonlyMap<string, string>
}

/** What PAX says about a sparse file (GNU tar manual, "PAX Format, Versions 0.0, 0.1 and 1.0"). */
export interface PaxSparse {
  readonly realSize: number
  /** Undefined in version 1.0, where the map stands before the data. */
  readonly extents: readonly SparseExtent[] | undefined
}

/** The records that hold for one entry: global ones, then its own; an empty value takes a record back. */
export class PaxState {
  readonly #global = new Map<string, string>()

  /** Bytes that the global records take; every entry that follows carries them. */
  get globalSize(): number {
    let size = 0
    for (const [key, value] of this.#global) size += key.length + value.length + recordOverhead
    return size
  }

  addGlobal(records: readonly PaxRecord[]): void {
    for (const { key, value } of records) {
      // A comment is the archive's (git writes its commit there), not each entry's.
      if (key !== 'comment') this.#global.set(key, value)
    }
  }

  /** @throws {PaxProblem} for a value that is not what its key demands. */
  attributes(local: readonly PaxRecord[]): EntryAttributes {
    if (local.length === 0 && this.#global.size === 0) return noAttributes
    const values = new Map(this.#global)
    for (const { key, value } of local) values.set(key, value)
    for (const [key, value] of values) if (value === '') values.delete(key)
    return toAttributes(values, local)
  }
}

/** What a record takes besides its key and value, about. */
const recordOverhead = 16

/** What is wrong with a PAX record; the decoder adds where. */
export class PaxProblem extends Error {}

const noAttributes: EntryAttributes = { others: new Map() }

function toAttributes(values: Map<string, string>, local: readonly PaxRecord[]): EntryAttributes {
  const take = (key: string): string | undefined => {
    const value = values.get(key)
    values.delete(key)
    return value
  }
  const takeNumber = (key: string, pattern: RegExp): number | undefined => {
    const text = take(key)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!pattern.test(text) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
      throw new PaxProblem(`its PAX record ${key} is no such number`)
    return value
  }
  take('hdrcharset')
  const sparse = takeSparse(take, local)
  const sparseName = take('GNU.sparse.name')
  const path = take('path')
  return {
    path: sparseName ?? path,
    linkPath: take('linkpath'),
    size: takeNumber('size', /^[0-9]+$/),
    uid: takeNumber('uid', /^-?[0-9]+$/),
    gid: takeNumber('gid', /^-?[0-9]+$/),
    userName: take('uname'),
    groupName: take('gname'),
    mtime: takeNumber('mtime', /^-?[0-9]+(?:\.[0-9]*)?$|^-?\.[0-9]+$/),
    sparse,
    others: values,
  }
}

function takeSparse(
  take: (key: string) => string | undefined,
  local: readonly PaxRecord[],
): PaxSparse | undefined {
  const major = take('GNU.sparse.major')
  const minor = take('GNU.sparse.minor')
  const map = take('GNU.sparse.map')
  const size = take('GNU.sparse.size')
  const realSize = take('GNU.sparse.realsize') ?? size
  for (const key of ['GNU.sparse.numblocks', 'GNU.sparse.offset', 'GNU.sparse.numbytes']) take(key)
  if (realSize === undefined) {
    if (major === undefined && map === undefined) return undefined
    throw new PaxProblem('its PAX records make it sparse without a size')
  }
  if (!/^[0-9]{1,16}$/.test(realSize)) throw new PaxProblem('its sparse size is no number')
  if (major !== undefined && major !== '0') {
    if (major !== '1' || minor !== '0')
      throw new PaxProblem(`it is sparse in the unknown version ${major}.${minor ?? '?'}`)
    return { realSize: Number(realSize), extents: undefined }
  }
  const extents = sparseExtents(map === undefined ? repeatedNumbers(local) : map.split(','))
  if (extents === undefined) throw new PaxProblem('its sparse map is no list of numbers')
  return { realSize: Number(realSize), extents }
}

/** Version 0.0 repeats two keys for each extent, which is why the records' order is kept. */
function repeatedNumbers(local: readonly PaxRecord[]): string[] {
  return local
    .filter(({ key }) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
    .map(({ value }) => value)
}
