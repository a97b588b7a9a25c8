import { createHash } from 'node:crypto'
import type { HashName } from '../bundle/read-bundle.ts'
import { LimitExceededError } from '../../content/index.ts'
import { type Digest, digestAlgorithm, digestHex, parseDigest } from '../../oci/index.ts'
import type { Artifact } from '../types.ts'

/** What is known of an artifact. */
export interface ReadArtifact {
  /** By algorithm. */
  readonly digests: ReadonlyMap<HashName, Buffer>
  /** The digest that answers give. */
  readonly digest: Digest
  /** All of it, where it was asked for and there is more than a digest. */
  readonly bytes?: Buffer
}

/** The most bytes of an artifact that are kept in memory, which only an Ed25519 signature over bytes needs. */
const maxBytesKept = 256 * 1024 * 1024

/**
 * Reads an artifact once: its digests by every algorithm that a signature may name.
 *
 * @param keepBytes whether its bytes are needed too
 * @param hash what the signature is over, where it is over bytes
 * @throws {LimitExceededError} when bytes are needed and there are too many; what reading throws.
 */
export async function readArtifact(
  artifact: Artifact,
  {
    keepBytes,
    hash,
    signal,
  }: { readonly keepBytes: boolean; readonly hash?: HashName; readonly signal?: AbortSignal | undefined },
): Promise<ReadArtifact> {
  signal?.throwIfAborted()
  if ('digests' in artifact) return knownDigests(artifact.digests, hash)
  const hashes = [...new Set<HashName>(['sha256', hash ?? 'sha512'])].map(
    (name) => [name, createHash(name)] as const,
  )
  const kept: Buffer[] = []
  let size = 0
  const stream = await artifact.open()
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted()
      if (!(chunk instanceof Uint8Array)) throw new TypeError('An artifact is a stream of bytes')
      for (const [, one] of hashes) one.update(chunk)
      size += chunk.length
      if (!keepBytes) continue
      if (size > maxBytesKept)
        throw new LimitExceededError(
          `Cannot verify ${artifact.name ?? 'the file'}: an Ed25519 signature is over all of its bytes, and it has more than ${maxBytesKept}`,
        )
      kept.push(Buffer.from(chunk))
    }
  } finally {
    stream.destroy()
  }
  const digests = new Map(hashes.map(([name, one]) => [name, one.digest()] as const))
  return {
    digests,
    digest: parseDigest(`sha256:${digests.get('sha256')?.toString('hex') ?? ''}`),
    ...(keepBytes ? { bytes: Buffer.concat(kept, size) } : {}),
  }
}

/** The digest that answers give is the one that the signature is over, where it is known. */
function knownDigests(known: readonly Digest[], hash: HashName | undefined): ReadArtifact {
  const first = known.find((digest) => digestAlgorithm(digest) === hash) ?? known[0]
  if (first === undefined) throw new TypeError('An artifact has at least one digest')
  return {
    digests: new Map(known.map((digest) => [digestAlgorithm(digest), Buffer.from(digestHex(digest), 'hex')])),
    digest: first,
  }
}
