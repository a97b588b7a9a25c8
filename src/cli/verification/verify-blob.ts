import { createReadStream } from 'node:fs'
import { UsageError } from '../../errors/index.ts'
import { asFileError } from '../../files/index.ts'
import { isDigest } from '../../oci/index.ts'
import {
  type Artifact,
  bundleLines,
  type Evidence,
  EvidenceBudget,
  largestBundleFile,
  NotVerifiedError,
  type SignerPolicy,
  type TrustMaterial,
  verifyBundle,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { blobVerificationLines } from '../render/blob-verification-lines.ts'
import type { BlobAnswer } from './blob-answer.ts'
import { signerPolicy } from './signer-flags.ts'
import { trustOf } from './trust-of.ts'
import { verifiedAnswer } from './verified-answer.ts'
import type { VerifyBlobFlags } from './verify-blob-flags.ts'

/** Says whether a file was signed by whom it should be; a no sets the exit code 1. No network is touched. */
export async function verifyBlob(context: CliContext, flags: VerifyBlobFlags, file: string): Promise<void> {
  refuseSharedInput(flags, file)
  const policy = await signerPolicy(flags, { read: (path, limit) => readInput(context, path, limit) })
  if (policy === undefined)
    throw new UsageError(`Cannot verify ${file}: it is not said who must have signed it`, {
      hint: '--identity URI --issuer URL, or --key FILE',
    })
  const trust = await trustOf(context, flags)
  const bundles = bundleLines(await readInput(context, flags.bundle, largestBundleFile), {
    path: flags.bundle,
    subjects: [],
    budget: new EvidenceBudget(),
  })
  if (file === '-' && bundles.length > 1)
    throw new UsageError(`Cannot verify standard input against ${bundles.length} bundles: it is read once`, {
      hint: 'Name a file, or a digest.',
    })
  show(context, flags, await answerOf(context, file, bundles, policy, trust))
}

async function answerOf(
  context: CliContext,
  file: string,
  bundles: readonly Evidence[],
  policy: SignerPolicy,
  trust: TrustMaterial,
): Promise<BlobAnswer> {
  const { signal } = context
  const artifact = artifactOf(context, file)
  const rejected: BlobAnswer['rejected'][number][] = []
  for (const { place, content } of bundles) {
    if (place.kind !== 'file' || content.kind !== 'bundle') continue
    const bundle = `${place.path}:${place.line}`
    try {
      const verified = await verifyBundle(content.bundle, artifact, policy, trust, { signal })
      const satisfied = { digest: verified.digest, bundle, ...verifiedAnswer(verified) }
      return { file, verified: true, satisfied, rejected }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof NotVerifiedError)) throw asFileError(`read ${file}`, error)
      rejected.push({ bundle, check: error.failure.check, reason: error.failure.message })
    }
  }
  return { file, verified: false, satisfied: null, rejected }
}

function artifactOf({ signal, stdin }: CliContext, file: string): Artifact {
  if (isDigest(file)) return { digests: [file] }
  if (file === '-') return { name: 'standard input', open: () => stdin() }
  return { name: file, open: () => createReadStream(file, { signal }) }
}

function refuseSharedInput({ bundle, key, trustedRoot = [] }: VerifyBlobFlags, file: string): void {
  const fromInput = [file, bundle, key, ...trustedRoot].filter((one) => one === '-')
  if (fromInput.length > 1) throw new UsageError('Cannot read two things from standard input')
}

function show({ output }: CliContext, flags: VerifyBlobFlags, answer: BlobAnswer): void {
  if (flags.json === true) output.json(answer)
  else if (flags.quiet === true && answer.satisfied !== null) output.line(answer.satisfied.digest)
  else
    for (const line of blobVerificationLines(answer, { style: output.style, width: output.width }))
      output.line(line)
  if (!answer.verified) output.exitWith(1)
}
