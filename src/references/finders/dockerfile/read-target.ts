import { InvalidReferenceError, parseReference } from '../../../oci/index.ts'
import type { OccurrenceTarget } from '../../occurrence.ts'

/** The image that a text names, or why it names none. */
export function readTarget(text: string): OccurrenceTarget {
  if (/\{\{|\{%|<%/.test(text)) return { kind: 'unresolved', reason: 'a template fills it in' }
  try {
    return { kind: 'image', reference: parseReference(text) }
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error
    const problem = error.message.replace(/^Cannot read /, 'cannot read ')
    return { kind: 'unresolved', reason: error.hint === undefined ? problem : `${problem}. ${error.hint}` }
  }
}
