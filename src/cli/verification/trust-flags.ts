import type { FlagParametersForType } from '@stricli/core'
import {
  builtInTrust,
  maxTrustedRootBytes,
  readTrustedRoots,
  type TrustMaterial,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'

/** Flags that say which trust roots are believed. */
export type TrustFlags = {
  readonly trustedRoot?: readonly string[] | undefined
  readonly customTrustedRoot?: string | undefined
}

export const trustFlags: FlagParametersForType<TrustFlags> = {
  trustedRoot: {
    kind: 'parsed',
    parse: String,
    optional: true,
    variadic: true,
    placeholder: 'file',
    brief: "Trust these roots (JSON, or one on each line), not Sigstore's public ones",
  },
  // gh's name.
  customTrustedRoot: { kind: 'parsed', parse: String, optional: true, hidden: true, brief: '--trusted-root' },
}

/** The trust roots of the flags, else the built-in one. No network. */
export async function trustOf(context: CliContext, flags: TrustFlags): Promise<TrustMaterial> {
  const { customTrustedRoot, trustedRoot = [] } = flags
  const files = [...trustedRoot, ...(customTrustedRoot === undefined ? [] : [customTrustedRoot])]
  if (files.length === 0) return builtInTrust()
  const read = await Promise.all(
    files.map(async (name) => ({ name, bytes: await readInput(context, name, maxTrustedRootBytes) })),
  )
  return readTrustedRoots(read)
}
