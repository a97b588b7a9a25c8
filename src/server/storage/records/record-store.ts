/** A record as it was read. */
export interface StoredRecord {
  readonly key: string
  readonly value: Uint8Array
  /** Names this state of the record; never given twice for one key, also not after a delete. */
  readonly version: string
}

/**
 * One step of a {@link RecordStore.write}. `expected` is the version that the record must have, or null where there
 * must be none; without it the step is done whatever is there.
 */
export type Change =
  | {
      readonly kind: 'put'
      readonly key: string
      readonly value: Uint8Array
      readonly expected?: string | null | undefined
    }
  | { readonly kind: 'delete'; readonly key: string; readonly expected?: string | undefined }
  | { readonly kind: 'check'; readonly key: string; readonly expected: string | null }

/** What a write came to: all of it was done, or a step's expectation failed and the rest was not. */
export type WriteOutcome = { readonly done: true } | { readonly done: false; readonly conflict: string }

/** Options of {@link RecordStore.write}. */
export interface WriteOptions {
  /**
   * Whether the write must outlive a loss of power before the promise resolves; a killed process never loses what
   * was acknowledged, with either. Default true.
   */
  readonly durable?: boolean | undefined
}

/** Which records {@link RecordStore.list} gives. */
export interface ListOptions {
  /** Only keys that begin with this. */
  readonly prefix: string
  /** Only keys after this one (a whole key, which need not exist), in byte order. */
  readonly after?: string | undefined
  /** At most so many; at least 1. */
  readonly limit: number
}

/**
 * Small records in the order of their keys' bytes. Keys are printable ASCII, at most 1,024 bytes; values at most 8 MiB.
 *
 * One machine keeps them in a table of SQLite, an object store as objects with conditional writes. A write of several
 * changes is all or nothing only on one machine: elsewhere the steps are done in their order and end at the first whose
 * expectation fails. **Who writes therefore orders the steps so that the state after each of them is sound.**
 */
export interface RecordStore {
  get(key: string): Promise<StoredRecord | undefined>
  /** In byte order of the keys. */
  list(options: ListOptions): Promise<readonly StoredRecord[]>
  /** Like {@link list}, without reading the values. */
  listKeys(options: ListOptions): Promise<readonly string[]>
  write(changes: readonly Change[], options?: WriteOptions): Promise<WriteOutcome>
  close(): Promise<void>
}
