import type { FlagParametersForType } from '@stricli/core'
import { jsonFlag, type JsonFlag } from '../answer-flags.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type ProjectFlags, projectFlags } from './project-flags.ts'

/** Flags of `pin` and `unpin`. */
export type PinFlags = OutputFlags & ProjectFlags & JsonFlag & { readonly dryRun?: boolean | undefined }

export const pinFlags: FlagParametersForType<PinFlags> = {
  dryRun: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Print the diff and write nothing',
  },
  ...projectFlags,
  ...jsonFlag,
  ...outputFlags,
}
