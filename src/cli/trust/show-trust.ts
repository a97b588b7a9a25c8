import { describeTrust, usedTrust } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { trustLines } from '../render/trust-lines.ts'
import { trustOf } from '../verification/trust-of.ts'
import { shownTrust, type ShownTrust } from './shown-trust.ts'
import type { TrustVerbFlags } from './trust-flags.ts'
import { trustFolders } from './trust-folders.ts'

/** Shows whom `verify` believes: the roots of `--trusted-root`, else those of this machine. No network. */
export async function showTrust(context: CliContext, flags: TrustVerbFlags): Promise<void> {
  const { output } = context
  const roots = await rootsInUse(context, flags)
  if (flags.json === true) {
    output.json({ roots })
    return
  }
  for (const line of trustLines(roots, { style: output.style, width: output.width })) output.line(line)
}

async function rootsInUse(context: CliContext, flags: TrustVerbFlags): Promise<readonly ShownTrust[]> {
  if (flags.trustedRoot === undefined && flags.customTrustedRoot === undefined)
    return (await usedTrust(trustFolders(context))).flatMap(shownTrust)
  const named = describeTrust(await trustOf(context, flags))
  return named.map((root) => ({ ...root, origin: 'file', mirror: null, refreshed: null }))
}
