import { readTarget } from './dockerfile/read-target.ts'
import type { OccurrenceTarget } from '../occurrence.ts'

/** The image that a text of a YAML file names; texts with templates and with nothing in them are unresolved. */
export function readImage(text: string): OccurrenceTarget {
  if (text === '') return { kind: 'unresolved', reason: 'it is empty' }
  return readTarget(text)
}
