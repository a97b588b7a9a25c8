/** Puts bytes behind the end of an upload's file, in order. */
export interface Appender extends AsyncDisposable {
  /** The end of the last whole write; 0 when what was written may not reach the disk. */
  readonly end: number
  /** Takes chunks; they need not be written yet when the promise resolves. @throws when an earlier write failed. */
  write(chunks: readonly Uint8Array[]): Promise<void>
  /** Resolves when everything is written. @throws when a write failed. */
  finish(): Promise<void>
}
