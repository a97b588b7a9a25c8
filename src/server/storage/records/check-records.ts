import type { Change, ListOptions } from './record-store.ts'

/** Longest key, in bytes: what S3 allows as well. */
export const maxKeyBytes = 1024

/** Largest value, in bytes. */
export const maxValueBytes: number = 8 * 1024 * 1024

const printable = /^[\u{20}-\u{7e}]*$/u

/**
 * Holds a write to what every record store takes, so that no store takes more than the others do.
 *
 * @throws {RangeError} which is a fault of the calling code: what clients send is checked long before.
 */
export function checkChanges(changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.key === '') throw new RangeError('Cannot write a record: its key is empty')
    checkKeyText(change.key)
    if (change.kind === 'put' && change.value.length > maxValueBytes) {
      throw new RangeError(`Cannot write the record ${change.key}: it has more than ${maxValueBytes} bytes`)
    }
  }
}

/** Holds a listing to what every record store takes. @throws {RangeError} */
export function checkListing({ prefix, after, limit }: ListOptions): void {
  checkKeyText(prefix)
  if (after !== undefined) checkKeyText(after)
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new RangeError(`Cannot list records: ${limit} is no number of records`)
  }
}

function checkKeyText(key: string): void {
  if (key.length > maxKeyBytes || !printable.test(key)) {
    throw new RangeError(`Cannot use ${JSON.stringify(key.slice(0, 80))} as a key: not short printable ASCII`)
  }
}
