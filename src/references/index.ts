export type { CustomResource, Finder, FinderInput, ProjectFiles } from './finder.ts'
export type {
  EditSite,
  FileFindings,
  FileProblem,
  FileRange,
  Occurrence,
  OccurrenceTarget,
  Origin,
} from './occurrence.ts'
export { dockerfileFinder } from './finders/dockerfile.ts'
