import type { Transport } from '../../http/index.ts'
import { githubServices, type SigningServices, type TrustMaterial } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { trustOf } from '../verification/trust-of.ts'
import type { ChosenServices } from './chosen-services.ts'
import type { Destination } from './destination.ts'
import { isPrivateWorkflow } from './is-private-workflow.ts'
import type { SigningFlags } from './signing-flags.ts'

/** The services that are used, and the trust root that what they give is held against. */
export interface UsedServices {
  readonly services: SigningServices
  /** Undefined where none is known for them. */
  readonly trust: TrustMaterial | undefined
}

/**
 * The chosen services; for what a workflow of a private repository stores at GitHub, GitHub's own instead of the public
 * ones, which would publish the repository's name.
 */
export async function servicesFor(
  context: CliContext,
  flags: SigningFlags,
  { chosen, destination, transport }: ServicesRequest,
): Promise<UsedServices> {
  const isPrivate =
    destination.kind === 'github' && chosen.arePublic && (await isPrivateWorkflow(context, transport))
  const isTrusted = flags.trustedRoot !== undefined || flags.customTrustedRoot !== undefined
  const trust = isTrusted || (chosen.arePublic && !isPrivate) ? await trustOf(context, flags) : undefined
  return { services: isPrivate ? githubServices : chosen.services, trust }
}

interface ServicesRequest {
  readonly chosen: ChosenServices
  readonly destination: Destination
  readonly transport: Transport
}
