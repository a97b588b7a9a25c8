import { LimitExceededError } from '../../content/index.ts'
import { LadingError } from '../../errors/index.ts'
import type { Digest } from '../../oci/index.ts'
import type { Evidence } from './evidence.ts'
import { type EvidenceBudget, largestEvidence } from './evidence-budget.ts'
import { asRecord, readJson } from './read-json.ts'

/** The most bytes of a file of bundles. */
export const largestBundleFile: number = 64 * 1024 * 1024

/** A file that was given does not hold bundles. */
export class BundleFileError extends LadingError<'BUNDLE_FILE'> {
  constructor(path: string, reason: string) {
    super('BUNDLE_FILE', `Cannot read bundles from ${path}: ${reason}`, {
      hint: 'It holds one Sigstore bundle as JSON, or one on each line.',
    })
  }
}

/**
 * Reads a file of Sigstore bundles: one JSON object, however it is laid out, or JSON lines as `gh attestation download` writes them.
 *
 * @param path as a person reads it
 * @throws {BundleFileError} when it holds none, or a line is not a JSON object.
 * @throws {LimitExceededError} when it is too large.
 */
export function bundleLines(
  bytes: Uint8Array,
  {
    path,
    subjects,
    budget,
  }: { readonly path: string; readonly subjects: readonly Digest[]; readonly budget: EvidenceBudget },
): readonly Evidence[] {
  if (bytes.length > largestBundleFile)
    throw new LimitExceededError(
      `Cannot read bundles from ${path}: it has ${bytes.length} bytes, more than the ${largestBundleFile} that are read`,
    )
  const found = (line: number, content: Uint8Array): Evidence | undefined => {
    const bundle = asRecord(readJson(content))
    if (bundle === undefined) return undefined
    budget.take(content.length)
    return { place: { kind: 'file', path, line }, subjects, content: { kind: 'bundle', bundle } }
  }

  const whole = bytes.length > largestEvidence ? undefined : found(1, bytes)
  if (whole !== undefined) return [whole]
  const evidence: Evidence[] = []
  for (const { line, content } of linesOf(bytes)) {
    if (content.every(isBlank)) continue
    if (content.length > largestEvidence) throw new BundleFileError(path, `line ${line} is too long`)
    const one = found(line, content)
    if (one === undefined) throw new BundleFileError(path, `line ${line} is not a JSON object`)
    evidence.push(one)
  }
  if (evidence.length === 0) throw new BundleFileError(path, 'it is empty')
  return evidence
}

function* linesOf(bytes: Uint8Array): Generator<{ readonly line: number; readonly content: Uint8Array }> {
  let line = 0
  for (let from = 0; from < bytes.length;) {
    line += 1
    const newline = bytes.indexOf(0x0a, from)
    const end = newline < 0 ? bytes.length : newline
    yield { line, content: bytes.subarray(from, end) }
    from = end + 1
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}
