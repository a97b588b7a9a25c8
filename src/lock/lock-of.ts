import {
  formatPlatform,
  type Digest,
  InvalidDigestError,
  InvalidPlatformError,
  InvalidReferenceError,
  nameOnly,
  parseDigest,
  parsePlatform,
  parseReference,
} from '../oci/index.ts'
import type { Lock, LockedImage, LockedSignatures, RememberedSigner } from './lock.ts'
import type { LockDocument } from './lock-schema.ts'

/** Something in a document of the right shape that cannot be. */
export class WrongFieldError extends Error {
  readonly path: readonly string[]

  constructor(path: readonly string[], problem: string) {
    super(problem)
    this.path = path
  }
}

/**
 * The lock that a document of the right shape says.
 *
 * @throws {WrongFieldError} for a name that is not canonical, a digest in a name that is not that of its image, a platform that none is.
 */
export function lockOf(document: LockDocument): Lock {
  return {
    images: mapped(document.images, (image, key) => {
      const { digest, ...rest } = image
      const locked = { ...rest, digest: digestAt(['images', key, 'digest'], digest) }
      checkImageKey(key, locked.digest)
      return {
        ...locked,
        platforms: platformsOf(key, image.platforms),
        signatures: signaturesOf(image.signatures),
      }
    }),
    signers: mapped(document.signers ?? {}, (signers, repository) => {
      checkRepository(repository)
      return signers.map(signerOf)
    }),
  }
}

type ImageDocument = LockDocument['images'][string]
type SignerDocument = NonNullable<LockDocument['signers']>[string][number]

function checkImageKey(key: string, digest: Digest): void {
  const reference = referenceAt(['images', key], key)
  const isNamed = reference.tag !== undefined || reference.digest !== undefined
  if (reference.canonical !== key || !isNamed)
    throw new WrongFieldError(['images', key], 'an image is named in full, docker.io/library/python:3.12')
  if (reference.digest !== undefined && reference.digest !== digest)
    throw new WrongFieldError(['images', key, 'digest'], 'it is not the digest in the name of the image')
}

function checkRepository(repository: string): void {
  const path = ['signers', repository]
  const reference = referenceAt(path, repository)
  if (nameOnly(reference).canonical !== repository)
    throw new WrongFieldError(path, 'a repository is named in full, docker.io/library/python')
}

function platformsOf(key: string, platforms: ImageDocument['platforms']): LockedImage['platforms'] {
  return mapped(platforms, (digest, platform) => {
    const path = ['images', key, 'platforms', platform]
    if (canonicalPlatform(platform) !== platform)
      throw new WrongFieldError(path, 'it is not a platform as it is written: linux/arm64')
    return digestAt(path, digest)
  })
}

function signaturesOf(signatures: ImageDocument['signatures']): LockedSignatures {
  if (signatures.status !== 'verified') return signatures
  const { subject, bundle, ...rest } = signatures.evidence
  return { ...signatures, evidence: { ...rest, subject: parseDigest(subject), bundle: parseDigest(bundle) } }
}

function signerOf(signer: SignerDocument): RememberedSigner {
  return 'key' in signer ? { key: parseDigest(signer.key) } : signer
}

function mapped<From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]))
}

function digestAt(path: readonly string[], text: string): Digest {
  try {
    return parseDigest(text)
  } catch (error) {
    if (error instanceof InvalidDigestError) throw new WrongFieldError(path, error.problem)
    throw error
  }
}

function referenceAt(path: readonly string[], text: string): ReturnType<typeof parseReference> {
  try {
    return parseReference(text)
  } catch (error) {
    if (error instanceof InvalidReferenceError) throw new WrongFieldError(path, error.message)
    throw error
  }
}

function canonicalPlatform(text: string): string | undefined {
  try {
    return formatPlatform(parsePlatform(text))
  } catch (error) {
    if (error instanceof InvalidPlatformError) return undefined
    throw error
  }
}
