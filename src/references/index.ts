export { applyEdits, type EditedFile, EditRefusedError, type WantedEdit } from './apply-edits.ts'
export {
  findReferences,
  type FindReferencesOptions,
  type ProjectFindings,
  ProjectUnreadableError,
} from './find-references.ts'
export type { CustomResource } from './finder.ts'
export type {
  EditSite,
  FileFindings,
  FileProblem,
  FileRange,
  Occurrence,
  OccurrenceTarget,
  Origin,
} from './occurrence.ts'
export { FindingsCache } from './search/findings-cache.ts'
