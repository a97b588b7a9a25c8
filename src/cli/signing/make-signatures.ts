import type { OperationOptions } from '../../content/index.ts'
import type { Transport } from '../../http/index.ts'
import { type Location, parseLocation, type Places } from '../../images/index.ts'
import { type SignedContent, witnessesOf } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { serviceTransport } from '../service-transport.ts'
import { withPlaces } from '../with-places.ts'
import { agreeToPublish } from './agree-to-publish.ts'
import { openBundleStore } from './bundle-store.ts'
import { type ChosenServices, chosenServices, isUnlogged } from './chosen-services.ts'
import { type Destination, destinationOf } from './destination.ts'
import { namedSubjects, type SigningSubject } from './named-subjects.ts'
import { openIdentity } from './open-identity.ts'
import { openKey } from './open-key.ts'
import { servicesFor } from './services-for.ts'
import { showSignatures } from './show-signatures.ts'
import { signAll } from './sign-all.ts'
import { signingAnswer } from './signing-answer.ts'
import type { SigningFlags } from './signing-flags.ts'

/** What is signed about an image. */
export interface SigningTask {
  /** What the statement says; undefined where a signature is all (cosign's older format). */
  readonly predicateType: string | undefined
  /** Whether the platforms of an index are signed too. */
  readonly recursive: boolean
  /** What is signed about one manifest. */
  readonly contentOf: (subject: SigningSubject) => SignedContent
}

/** What a task may depend on. */
export interface TaskRequest extends OperationOptions {
  readonly location: Location
  readonly destination: Destination
  readonly transport: Transport
}

/**
 * Signs and stores. The flags are looked at before anything is asked, whatever may be refused is asked before anything
 * is signed, and all is signed before anything is stored.
 *
 * @param taskOf gives what is to be signed, once the flags are known to make sense.
 */
export async function makeSignatures(
  context: CliContext,
  flags: SigningFlags,
  image: string,
  taskOf: (request: TaskRequest) => Promise<SigningTask>,
): Promise<void> {
  const { signal } = context
  const location = parseLocation(image)
  const destination = destinationOf(context, flags, location)
  const chosen = await chosenServices(context, flags)
  const transport = serviceTransport(context)
  try {
    const task = await taskOf({ location, destination, transport, signal })
    const places = destination.kind === 'place' ? [location, destination.location] : [location]
    await withPlaces(context, flags, places, (work) =>
      signAndStore(context, flags, { ...work, image, location, destination, chosen, transport, task }),
    )
  } finally {
    await transport.close()
  }
}

interface Work {
  readonly places: Places
  readonly image: string
  readonly location: Location
  readonly destination: Destination
  readonly chosen: ChosenServices
  readonly transport: Transport
  readonly task: SigningTask
}

async function signAndStore(
  context: CliContext,
  flags: SigningFlags,
  { places, image, location, destination, chosen, transport, task }: Work,
): Promise<void> {
  const subjects = await namedSubjects(context, places, {
    location,
    from: flags.source,
    recursive: task.recursive,
    described: destination.kind === 'place' && destination.format === 'bundle',
  })
  const key = flags.key === undefined ? undefined : await openKey(context, flags.key)
  await using store = await openBundleStore(context, places, destination, transport)
  await store.prepare()
  const { services, trust } = await servicesFor(context, flags, { chosen, destination, transport })
  const witnesses = witnessesOf(services, transport)
  await agreeToPublish(context, flags, services)
  const signer = key ?? (await openIdentity(context, flags, services, transport))
  const isOlder = destination.kind === 'place' && destination.format === 'cosign-v2'
  const made = await signAll(subjects, task.contentOf, {
    signer,
    witnesses,
    trust,
    isOlder,
    signal: context.signal,
  })
  const stored = await store.store(made)
  const { predicateType } = task
  showSignatures(
    context,
    flags,
    signingAnswer({ image, location, predicateType, key: flags.key, made, stored, services }),
  )
  if (flags.key !== undefined && isUnlogged(flags))
    context.output.warn(
      'no log knows of this signature: lading verify takes it with --key and --insecure-ignore-tlog',
    )
}
