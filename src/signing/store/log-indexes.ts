import { readBundle } from '../bundle/read-bundle.ts'

/** Where a bundle's entries stand in their logs: decimal, as text. @throws {NotVerifiedError} it is no bundle. */
export function logIndexes(bundle: unknown): readonly string[] {
  return readBundle(bundle).logEntries.map(({ logIndex }) => logIndex)
}
