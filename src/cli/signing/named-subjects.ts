import { LimitExceededError, NotFoundError, type OperationOptions, type Source } from '../../content/index.ts'
import { LadingError, UsageError } from '../../errors/index.ts'
import { type Location, parseLocation, type Places, readManifest } from '../../images/index.ts'
import { type Descriptor, type Digest, isAttestationEntry, isIndex } from '../../oci/index.ts'
import { canAsk, confirm } from '../ask.ts'
import type { CliContext } from '../context.ts'
import { InterruptedError } from '../exit-code.ts'
import { imageName } from '../image-name.ts'
import { safeText } from '../render/safe-text.ts'

/** A manifest that is to be signed. */
export interface SigningSubject {
  readonly digest: Digest
  /** Only where it was asked for; of a platform with its platform. */
  readonly descriptor?: Descriptor | undefined
}

/** What {@link namedSubjects} is asked for. */
export interface SubjectRequest {
  readonly location: Location
  /** Another place to read the manifest at. */
  readonly from: string | undefined
  /** Whether the platforms of an index are signed too. */
  readonly recursive: boolean
  /** Whether media type and size are needed; without them nothing has to be asked. */
  readonly described: boolean
}

const mostSubjects = 1000
const deepestIndex = 8

/**
 * What is to be signed: the manifest that is named by its digest, and with `recursive` the platforms below it, those first,
 * without the attestations that BuildKit keeps beside them. A tag can be moved between a push and a signature: it is taken
 * only from a person who has seen its digest.
 *
 * @throws {UsageError} for a tag, with the digest to paste. {@link NotFoundError} when it is nowhere.
 */
export async function namedSubjects(
  context: CliContext,
  places: Places,
  request: SubjectRequest,
): Promise<readonly SigningSubject[]> {
  const { signal } = context
  const { location, from } = request
  const named = digestOf(location)
  if (named !== undefined && !request.described && !request.recursive) return [{ digest: named }]
  const readAt = from === undefined ? location : parseLocation(from)
  await using opened = await places.openSource(readAt, { signal })
  const digest = named ?? (await agreedDigest(context, location, opened))
  const root = await resolveManifest(opened.source, digest, location, from, { signal })
  if (!request.recursive) return [{ digest, descriptor: root }]
  const found = new Map<Digest, SigningSubject>()
  await collect(opened.source, root, 0, found, { signal })
  return [...found.values()]
}

/** The digest that a location names. */
export function digestOf(location: Location): Digest | undefined {
  switch (location.kind) {
    case 'registry':
      return location.reference.digest
    case 'docker-daemon':
      return undefined
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
      return location.digest
    default:
      return location satisfies never
  }
}

async function agreedDigest(
  context: CliContext,
  location: Location,
  opened: { readonly source: Source; readonly name: string },
): Promise<Digest> {
  const { signal } = context
  const digest = await lookUpDigest(opened, { signal })
  const name = `${imageName(location)}@${digest ?? 'sha256:…'}`
  if (digest !== undefined && canAsk(context)) {
    if (await confirm(context, `${safeText(location.text)} is ${digest} now. Sign that?`)) return digest
    context.output.note('nothing was signed')
    throw new InterruptedError(130)
  }
  throw new UsageError(
    `Cannot sign ${location.text}: a tag can be moved between the push and the signature`,
    {
      hint: digest === undefined ? `Name the digest that was pushed: ${name}` : `It is now: ${name}`,
    },
  )
}

async function lookUpDigest(
  { source, name }: { readonly source: Source; readonly name: string },
  { signal }: OperationOptions,
): Promise<Digest | undefined> {
  try {
    return (await source.resolve(name, { signal })).digest
  } catch (error) {
    signal?.throwIfAborted()
    // That a tag is refused is the answer; what it names is a kindness.
    if (error instanceof LadingError) return undefined
    throw error
  }
}

async function resolveManifest(
  source: Source,
  digest: Digest,
  location: Location,
  from: string | undefined,
  options: OperationOptions,
): Promise<Descriptor> {
  try {
    return await source.resolve(digest, options)
  } catch (error) {
    if (!(error instanceof NotFoundError) || from !== undefined) throw error
    throw new NotFoundError(
      `Cannot sign ${imageName(location)}@${digest}: it is not there yet, and what refers to it says its media type and size`,
      {
        hint: '--source oci:DIR reads the manifest where it was built; --bundle-out FILE needs none.',
        cause: error,
      },
    )
  }
}

async function collect(
  source: Source,
  descriptor: Descriptor,
  depth: number,
  found: Map<Digest, SigningSubject>,
  options: OperationOptions,
): Promise<void> {
  if (found.has(descriptor.digest)) return
  if (depth > deepestIndex)
    throw new LimitExceededError('Cannot sign all platforms: indexes are nested too deep')
  if (isIndex(descriptor.mediaType)) {
    const { manifest } = await readManifest(source, descriptor, options)
    const entries = manifest.kind === 'index' ? manifest.manifests : []
    for (const entry of entries)
      if (!isAttestationEntry(entry)) await collect(source, entry, depth + 1, found, options)
  }
  if (found.size >= mostSubjects)
    throw new LimitExceededError(`Cannot sign all platforms: there are more than ${mostSubjects}`)
  found.set(descriptor.digest, { digest: descriptor.digest, descriptor })
}
