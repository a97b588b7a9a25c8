import * as v from 'valibot'

/** The first thing wrong with a document, as `tlogEntries.0.logIndex is not a number`. */
export function firstIssue([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const path = v.getDotPath(issue)
  const problem = issue.received === 'undefined' ? 'is missing' : issue.message
  return path === null ? problem : `${path} ${problem}`
}
