import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { asFileError, makeDirectory, writeFilesTogether } from '../files/index.ts'
import { type Digest, digestAlgorithm, digestHex, digestOf } from '../oci/index.ts'
import type { Evidence, EvidenceContent } from '../signing/index.ts'
import type { Lock } from './lock.ts'

/** A bundle that a lock tells of, to be kept beside it. */
export interface Proof {
  /** As JSON without blanks. */
  readonly bundle: string
  /** What cosign's older signatures are over, where it is one. */
  readonly payload?: Uint8Array | undefined
}

/** The most bytes of a proof; SBOMs of large images have some megabytes. */
const largestProof = 16 * 1024 * 1024

/** What of a signature is kept; undefined where it cannot be read. */
export function proofOf(content: EvidenceContent): Proof | undefined {
  if (content.kind === 'unreadable') return undefined
  const bundle = JSON.stringify(content.bundle)
  return content.kind === 'simple-signing' ? { bundle, payload: content.payload } : { bundle }
}

/** The digest that a lock names a bundle by. */
export function proofDigest({ bundle }: Pick<Proof, 'bundle'>): Digest {
  return digestOf(Buffer.from(bundle))
}

/**
 * The bundles of a lock, in a folder of the project (`.lading/proofs`): `<hex>.json` by the bundle's digest, and `<hex>.payload` beside it
 * for cosign's older signatures. With them the lock can be verified again without network, whatever becomes of the registry.
 */
export class ProofStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The bundle with a digest, as evidence about a manifest, to be verified; undefined where it is not there or is another one. */
  async find(bundle: Digest, subject: Digest): Promise<Evidence | undefined> {
    const path = this.#path(bundle, 'json')
    const bytes = await bytesOf(path)
    if (bytes === undefined || digestOf(bytes, digestAlgorithm(bundle)) !== bundle) return undefined
    const payload = await bytesOf(this.#path(bundle, 'payload'))
    const parsed: unknown = JSON.parse(bytes.toString())
    return {
      place: { kind: 'file', path, line: 1 },
      subjects: [subject],
      content:
        payload === undefined
          ? { kind: 'bundle', bundle: parsed }
          : { kind: 'simple-signing', bundle: parsed, payload },
    }
  }

  /** Keeps proofs, before the lock that tells of them is written. @throws {FileError} */
  async add(
    proofs: readonly Proof[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    if (proofs.length === 0) return
    await this.#makeDirectory()
    const files = new Map<string, string | Uint8Array>()
    for (const proof of proofs) {
      files.set(this.#path(proofDigest(proof), 'json'), proof.bundle)
      if (proof.payload !== undefined) files.set(this.#path(proofDigest(proof), 'payload'), proof.payload)
    }
    await writeFilesTogether(files, { signal })
  }

  /** Removes what a lock, that is written, does not tell of. @throws {FileError} */
  async keepOnly({ images }: Lock): Promise<void> {
    const wanted = new Set(
      Object.values(images).flatMap(({ signatures }) =>
        signatures.status === 'verified' ? [digestHex(signatures.evidence.bundle)] : [],
      ),
    )
    for (const name of await this.#names()) {
      const hex = /^([0-9a-f]{64,128})\.(?:json|payload)$/.exec(name)?.[1]
      if (hex !== undefined && !wanted.has(hex)) await rm(join(this.#directory, name), { force: true })
    }
  }

  async #makeDirectory(): Promise<void> {
    try {
      await makeDirectory(this.#directory)
    } catch (error) {
      throw asFileError(`make ${this.#directory}`, error)
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#directory)
    } catch {
      return []
    }
  }

  #path(digest: Digest, kind: 'json' | 'payload'): string {
    return join(this.#directory, `${digestHex(digest)}.${kind}`)
  }
}

/** Undefined where there is no such file, it cannot be read, or it is larger than a proof is. */
async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    const status = await stat(path)
    return status.isFile() && status.size <= largestProof ? await readFile(path) : undefined
  } catch {
    return undefined
  }
}
