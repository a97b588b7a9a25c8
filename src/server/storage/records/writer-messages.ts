import type { Change } from './record-store.ts'

/** A write on its way to the writer's thread. */
export interface QueuedWrite {
  readonly id: number
  readonly changes: readonly Change[]
  readonly durable: boolean
}

/** What goes to the writer's thread: a write, or that it shall end when all before this is done. */
export type WriterRequest = QueuedWrite | 'close'

/** What a write came to. */
export type WriteAnswer =
  | { readonly id: number; readonly outcome: 'done' }
  | { readonly id: number; readonly outcome: 'conflict'; readonly key: string }
  | { readonly id: number; readonly outcome: 'failed'; readonly fault: SqliteFault }

/** An error of SQLite, in a form that goes from thread to thread. */
export interface SqliteFault {
  readonly message: string
  /** SQLite's result code, https://sqlite.org/rescode.html; undefined for an error of another kind. */
  readonly resultCode: number | undefined
}

/** What the writer's thread is started with. */
export interface WriterData {
  readonly path: string
}
