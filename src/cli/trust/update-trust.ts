import { UsageError } from '../../errors/index.ts'
import {
  githubMirror,
  mirrorName,
  publicGoodInstance,
  readMirror,
  refreshTrust,
  rememberedInstances,
  rememberInstance,
  type TrustInstance,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { serviceTransport } from '../service-transport.ts'
import { showTrust } from './show-trust.ts'
import type { TrustVerbFlags } from './trust-flags.ts'
import { trustFolders } from './trust-folders.ts'

const largestRoot = 512 * 1024

/**
 * Refreshes the instance that the flags name, else the public-good one and all that were given. A new instance is
 * remembered once its root proved what it publishes.
 */
export async function updateTrust(context: CliContext, flags: TrustVerbFlags): Promise<void> {
  const { output, signal } = context
  const folders = trustFolders(context)
  const given = await namedInstance(context, flags)
  const instances =
    given === undefined
      ? [await publicGoodInstance(), ...(await rememberedInstances(folders.config))]
      : [given]
  const transport = serviceTransport(context)
  try {
    for (const instance of instances) {
      await refreshTrust(instance, { transport, cache: folders.cache, signal })
      output.note(`refreshed ${mirrorName(instance.mirror)}`)
    }
  } finally {
    await transport.close()
  }
  if (given !== undefined) await rememberInstance(folders.config, given)
  await showTrust(context, { ...flags, trustedRoot: undefined, customTrustedRoot: undefined })
}

async function namedInstance(
  context: CliContext,
  { github, mirror, root }: TrustVerbFlags,
): Promise<TrustInstance | undefined> {
  if (github === true && mirror !== undefined)
    throw new UsageError('Cannot take --github together with --mirror: it is one')
  const address = github === true ? githubMirror : mirror === undefined ? undefined : readMirror(mirror)
  if (address === undefined) {
    if (root === undefined) return undefined
    throw new UsageError('Cannot take --root alone: it is not said whose root it is', {
      hint: '--github, or --mirror URL',
    })
  }
  if (root !== undefined) return { mirror: address, root: await readInput(context, root, largestRoot) }
  const known = await rememberedInstances(trustFolders(context).config)
  const remembered = known.find((instance) => instance.mirror === address)
  if (remembered !== undefined) return remembered
  throw new UsageError(`Cannot refresh ${mirrorName(address)}: its root was not given yet`, {
    hint: '--root FILE, with a root.json that came by a way you trust',
  })
}
