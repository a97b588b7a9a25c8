import { type GenericSchema, optional, strictObject } from 'valibot'
import { lockSectionSchema } from './lock-schema.ts'
import type { ProjectFile } from './project-file.ts'
import { trustSchema } from './trust-schema.ts'

/** The schema of `lading.yaml`; unknown keys are refused. */
export const projectFileSchema: GenericSchema<unknown, ProjectFile> = strictObject({
  trust: optional(trustSchema),
  lock: optional(lockSectionSchema),
})
