import type { FlagParametersForType } from '@stricli/core'

/** The flag of verbs that work on a project. */
export type ProjectFlags = { readonly project?: string | undefined }

export const projectFlags: FlagParametersForType<ProjectFlags> = {
  project: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'folder',
    brief: 'The folder of the project; default: that of the nearest lading.yaml or lading.lock, or this one',
  },
}
