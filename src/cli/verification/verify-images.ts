import { UsageError } from '../../errors/index.ts'
import { findManifest, type Location, parseLocation, type Places } from '../../images/index.ts'
import { type Evidence, largestBundleFile } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { signatureRepository } from '../signature-repository.ts'
import { errorsJson, settleEach } from '../settle-each.ts'
import { withPlaces } from '../with-places.ts'
import { evidenceSources } from './evidence-sources.ts'
import { namedReference } from './named-reference.ts'
import { refuseWithoutCriteria } from './refuse-without-criteria.ts'
import { saveBundles } from './save-bundles.ts'
import { showVerification } from './show-verification.ts'
import { signatureSource } from './signature-source.ts'
import { signedManifests } from './signed-manifests.ts'
import { trustOf } from './trust-of.ts'
import { type VerificationBasis, verificationBasis } from './verification-basis.ts'
import type { VerifyFlags } from './verify-flags.ts'
import { verifyImage } from './verify-image.ts'

/**
 * Says of each image whether it was signed by whom it should be. The exit code is 1 where one was not, and 3 where of one it could not be
 * told, whatever is known of the others.
 */
export async function verifyImages(
  context: CliContext,
  flags: VerifyFlags,
  images: readonly string[],
): Promise<void> {
  const locations = images.map((image) => parseLocation(image))
  if (flags.as !== undefined && locations.length > 1)
    throw new UsageError('Cannot take --as with several images: it names one')
  const basis = await verificationBasis(context, flags)
  if (flags.as !== undefined && basis?.kind !== 'policy')
    throw new UsageError('Cannot take --as without a policy: the name says which rule holds')
  // Before anything is asked: that one has no name is wrong usage, whatever becomes of the others.
  if (basis?.kind === 'policy') for (const location of locations) namedReference(location, flags.as)
  const readBundle = readOnce(() => readInput(context, flags.bundle ?? '', largestBundleFile))
  const keepers = locations.flatMap((each) => signatureRepository(context, flags.repository, each) ?? [])
  await withPlaces(context, flags, [...locations, ...keepers], async ({ places }) => {
    if (basis === undefined) await refuse(context, flags, { places, locations, readBundle })
    else await verifyAll(context, flags, { places, locations, readBundle, basis })
  })
}

interface Verification {
  readonly places: Places
  readonly locations: readonly Location[]
  readonly readBundle: () => Promise<Uint8Array>
}

async function verifyAll(
  context: CliContext,
  flags: VerifyFlags,
  { basis, locations, places, readBundle }: Verification & { readonly basis: VerificationBasis },
): Promise<void> {
  const { output, signal } = context
  const trust = await trustOf(context, flags)
  const found = new Map<Location, readonly Evidence[]>()
  const wantsAll = flags.saveBundles !== undefined
  const verify = (location: Location): ReturnType<typeof verifyImage> =>
    verifyImage(context, flags, location, {
      places,
      basis,
      trust,
      readBundle,
      onFound: wantsAll ? (evidence) => void found.set(location, evidence) : undefined,
    })
  const { errors, results } = await settleEach(locations, verify, signal)
  if (flags.saveBundles !== undefined && errors.length === 0) {
    const all = locations.flatMap((location) => found.get(location) ?? [])
    await saveBundles(context, flags.saveBundles, all)
  }
  if (flags.json === true && locations.length > 1) output.json({ images: results, ...errorsJson(errors) })
  for (const answer of results) showVerification(context, flags, answer, { isOne: locations.length === 1 })
  for (const { error } of errors) output.fail(error)
}

/** Nothing can be verified without saying whom to trust: shows who claims to have signed the first image. */
async function refuse(
  context: CliContext,
  flags: VerifyFlags,
  { locations, places, readBundle }: Verification,
): Promise<void> {
  const { signal } = context
  const [location] = locations
  if (location === undefined) return
  await using opened = await places.openSource(location, { signal })
  const root = await findManifest(opened.source, opened.name, { signal })
  const manifests = await signedManifests(opened.source, root, flags.platform, { signal })
  const subjects = manifests.map(({ digest }) => digest)
  const request = {
    source: signatureSource(context, flags, places, opened),
    subjects,
    owners: [],
    search: 'registry',
    readBundle,
  } as const
  await refuseWithoutCriteria(context, location.text, evidenceSources(context, flags, request))
}

function readOnce(read: () => Promise<Uint8Array>): () => Promise<Uint8Array> {
  let bytes: Promise<Uint8Array> | undefined
  return () => (bytes ??= read())
}
