import type { LogEntryDocument } from '../bundle/bundle-document.ts'
import { notVerified } from '../errors.ts'
import type { TrustRoot } from '../trust/trust-material.ts'
import type { LogEntry, ProvedTime } from '../types.ts'

/**
 * Checks what the engine leaves open of an entry whose inclusion it proved, and says what was proved.
 *
 * The tree that the proof names is the one in the log's signed checkpoint; the entry's log is the trust root's, and was
 * valid at every proved time, also where the log itself tells no time (Rekor v2). Start and end are both inside.
 *
 * @throws {NotVerifiedError} of the check `log-proof`.
 */
export function checkLogProof(
  entry: LogEntryDocument,
  times: readonly ProvedTime[],
  { engine, name }: TrustRoot,
): LogEntry {
  const proof = entry.inclusionProof ?? undefined
  const promise = entry.inclusionPromise ?? undefined
  if (proof !== undefined) {
    const [, size, root] = proof.checkpoint.envelope.split('\n', 3)
    if (size !== proof.treeSize || root !== proof.rootHash)
      throw notVerified('log-proof', "the inclusion proof names another tree than the log's checkpoint")
  }
  const logId = Buffer.from(entry.logId.keyId, 'base64')
  const log = engine.tlogs.find(
    (one) => one.logID.equals(logId) && times.every(({ at }) => holds(one.validFor, at)),
  )
  if (log === undefined)
    throw notVerified(
      'log-proof',
      `the trust root ${name} has no such transparency log that was valid when it was signed`,
    )
  return {
    log: log.baseURL,
    // Only a promise signs the index that stands beside the entry.
    index: promise === undefined ? (proof?.logIndex ?? entry.logIndex) : entry.logIndex,
    kind: `${entry.kindVersion.kind} ${entry.kindVersion.version}`,
  }
}

function holds({ start, end }: { readonly start: Date; readonly end: Date }, at: Date): boolean {
  return start <= at && at <= end
}
