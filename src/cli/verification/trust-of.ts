import { maxTrustedRootBytes, readTrustedRoots, type TrustMaterial, usualTrust } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { trustFolders } from '../trust/trust-folders.ts'
import type { TrustFlags } from './trust-flags.ts'

/** The trust roots of the flags, else those in use on this machine: refreshed, built in, given once. No network. */
export async function trustOf(context: CliContext, flags: TrustFlags): Promise<TrustMaterial> {
  const { customTrustedRoot, trustedRoot = [] } = flags
  const files = [...trustedRoot, ...(customTrustedRoot === undefined ? [] : [customTrustedRoot])]
  if (files.length === 0) return usualTrust(trustFolders(context))
  const read = await Promise.all(
    files.map(async (name) => ({ name, bytes: await readInput(context, name, maxTrustedRootBytes) })),
  )
  return readTrustedRoots(read)
}
