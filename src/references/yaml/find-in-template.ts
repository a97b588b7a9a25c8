import type { FinderInput } from '../finder.ts'
import type { FileFindings } from '../occurrence.ts'
import { withDistinctPlaces } from '../finders/distinct-places.ts'
import { ScalarOccurrences } from './scalar-occurrence.ts'
import { templateLines } from './template-lines.ts'

/** Finds the images in the lines of a template. */
export function findInTemplate(input: FinderInput): FileFindings {
  const occurrences = templateLines(input.text, new ScalarOccurrences(input))
  return { occurrences: withDistinctPlaces(occurrences), problems: [] }
}
