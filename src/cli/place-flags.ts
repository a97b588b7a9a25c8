import type { FlagParametersForType } from '@stricli/core'
import type { CliContext } from './context.ts'

/** Flags of every verb that opens a place. */
export type PlaceFlags = {
  readonly plainHttp?: boolean | undefined
  readonly skipTlsVerify?: boolean | undefined
  readonly caFile?: readonly string[] | undefined
  readonly configFile?: string | undefined
}

export const placeFlags: FlagParametersForType<PlaceFlags, CliContext> = {
  plainHttp: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Speak http to the registries named here (loopback needs no permission)',
  },
  skipTlsVerify: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Take any certificate of the registries named here',
  },
  caFile: {
    kind: 'parsed',
    parse: String,
    optional: true,
    variadic: true,
    placeholder: 'file',
    brief: 'Trust the certificate authorities in this PEM file too',
  },
  configFile: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'Read this configuration file, not the one in ~/.config/lading',
  },
}
