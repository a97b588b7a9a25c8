import {
  type Attachment,
  AttachmentFinder,
  createLimiter,
  LimitExceededError,
  type Source,
} from '../../content/index.ts'
import { type FoundManifest, platformEntry, readManifest } from '../../images/index.ts'
import {
  attestationSubject,
  type Descriptor,
  type Digest,
  formatPlatform,
  type ImageIndex,
  isAttestationEntry,
  type Platform,
} from '../../oci/index.ts'
import type { Attached, AttachedImage, AttachedPlatform } from './attached.ts'
import { claimedSigners } from './claimed-signers.ts'
import { describeAttached } from './describe-attached.ts'

/** Options of {@link findAttached}. */
export interface FindAttachedOptions {
  /** Of an index only this platform; default: all. */
  readonly platform: Platform | undefined
  readonly signal: AbortSignal
}

const mostAttachments = 10_000
const deepest = 8

/**
 * Finds what is attached to an image, to the images of an index, and to the attachments in turn.
 *
 * @throws when a listing fails: what could not be looked for is not "nothing".
 * @throws {LimitExceededError} for more than 10,000 attachments, or more than 8 on one another.
 */
export async function findAttached(
  source: Source,
  root: FoundManifest,
  { platform, signal }: FindAttachedOptions,
): Promise<Pick<AttachedImage, 'attached' | 'platforms'>> {
  const finder = new AttachmentFinder(source, { signal })
  const limiter = createLimiter(8)
  let count = 0

  const { manifest } = root
  const attached = await attachedTo(root.descriptor.digest, [], strayAttestations(manifest))
  if (manifest.kind === 'manifest') return { attached, platforms: null }
  return { attached, platforms: await Promise.all(chosenEntries(manifest).map(onPlatform(manifest))) }

  function chosenEntries(index: ImageIndex): readonly Descriptor[] {
    return platform === undefined
      ? index.manifests.filter((entry) => !isAttestationEntry(entry))
      : [platformEntry(index.manifests, platform, source.display)]
  }

  function onPlatform(index: ImageIndex): (entry: Descriptor) => Promise<AttachedPlatform> {
    return async (entry) => ({
      platform: entry.platform === undefined ? null : formatPlatform(entry.platform),
      digest: entry.digest,
      attached: await attachedTo(
        entry.digest,
        [],
        index.manifests.filter((other) => attestationSubject(other) === entry.digest),
      ),
    })
  }

  /** @param path what this hangs on, so that tags that name each other in a circle end. */
  async function attachedTo(
    subject: Digest,
    path: readonly Digest[],
    attestations: readonly Descriptor[] = [],
  ): Promise<readonly Attached[]> {
    const found = await limiter.run(() => finder.of(subject))
    const seen = new Set<Digest>([...path, subject])
    const attachments: Attachment[] = []
    for (const attachment of [...found, ...attestations.map((descriptor) => ({ descriptor }))]) {
      if (seen.has(attachment.descriptor.digest)) continue
      seen.add(attachment.descriptor.digest)
      attachments.push(attachment)
    }
    count += attachments.length
    if (count > mostAttachments) throw tooMany(`there are more than ${mostAttachments} attachments`)
    if (attachments.length > 0 && path.length >= deepest)
      throw tooMany(`attachments are attached to one another more than ${deepest} deep`)
    return Promise.all(
      attachments.map(async (attachment) => {
        const { descriptor } = attachment
        const read = await limiter.run(() => readManifest(source, descriptor, { signal }))
        const described = describeAttached(attachment, read.manifest, attestations.includes(descriptor))
        return {
          ...described,
          claims: await limiter.run(() => claimedSigners(source, subject, attachment, described, { signal })),
          attached: await attachedTo(descriptor.digest, [...path, subject]),
        }
      }),
    )
  }

  function tooMany(reason: string): LimitExceededError {
    return new LimitExceededError(`Cannot list what is attached to ${source.display}: ${reason}`)
  }
}

/** Attestations in an index that are about nothing in it. */
function strayAttestations(manifest: FoundManifest['manifest']): readonly Descriptor[] {
  if (manifest.kind === 'manifest') return []
  const digests = new Set(manifest.manifests.map(({ digest }) => digest))
  return manifest.manifests.filter((entry) => {
    const subject = attestationSubject(entry)
    return isAttestationEntry(entry) && (subject === undefined || !digests.has(subject))
  })
}
