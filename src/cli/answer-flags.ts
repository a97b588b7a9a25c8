import type { FlagParametersForType } from '@stricli/core'
import { parsePlatform, type Platform } from '../oci/index.ts'

/** The flag of verbs that report. */
export type JsonFlag = { readonly json?: boolean | undefined }

export const jsonFlag: FlagParametersForType<JsonFlag> = {
  json: { kind: 'boolean', optional: true, withNegated: false, brief: 'Print one JSON object' },
}

/** The flag of verbs that need one image. */
export type PlatformFlag = { readonly platform?: Platform | undefined }

export const platformFlag: FlagParametersForType<PlatformFlag> = {
  platform: {
    kind: 'parsed',
    parse: parsePlatform,
    optional: true,
    placeholder: 'os/arch[/variant]',
    brief: "Which image of an index; default: this machine's",
  },
}
