import {
  builtInTrust,
  maxTrustedRootBytes,
  readTrustedRoots,
  type TrustMaterial,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import type { TrustFlags } from './trust-flags.ts'

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
