import { LimitExceededError } from '../../content/index.ts'
import { LadingError } from '../../errors/index.ts'
import { writeFileAtomically } from '../../files/index.ts'
import { bundleLines, type Evidence, EvidenceBudget, largestBundleFile } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { count } from '../render/count.ts'

/**
 * Writes the bundles that were found as JSON lines, whole or not at all; says what has no form as a bundle and was left out. What is
 * written can be read again: anybody may have attached the rest.
 *
 * @throws {LimitExceededError} when they are more than is read of a file.
 */
export async function saveBundles(
  { output, signal }: Pick<CliContext, 'output' | 'signal'>,
  path: string,
  found: readonly Evidence[],
): Promise<void> {
  const lines = found.flatMap(({ content }) =>
    content.kind === 'bundle' ? (bundleLine(content.bundle) ?? []) : [],
  )
  refuseTooMuch(lines, path)
  await writeFileAtomically(path, Buffer.concat(lines), { signal })
  const left = found.length - lines.length
  if (left > 0)
    output.warn(
      `${count(left, 'signature')} ${left === 1 ? 'is' : 'are'} not in ${path}: cosign's older signatures have no form as a bundle, and what is unreadable has none either`,
    )
}

/** What is kept is all looked at for each image, later. */
function refuseTooMuch(lines: readonly Buffer[], path: string): void {
  const budget = new EvidenceBudget()
  let size = 0
  try {
    for (const { length } of lines) {
      size += length
      budget.take(length)
    }
    if (size <= largestBundleFile) return
  } catch (error) {
    if (!(error instanceof LimitExceededError)) throw error
  }
  throw new LimitExceededError(
    `Cannot keep the bundles in ${path}: ${lines.length} of them are more than is read of a file`,
    { hint: 'Verify fewer images at once, each time with a file of its own.' },
  )
}

/** A bundle as one line; undefined where it could not be read back: it is none, too long when written out, or nested too deep. */
function bundleLine(bundle: unknown): Buffer | undefined {
  try {
    const line = Buffer.from(`${JSON.stringify(bundle)}\n`)
    bundleLines(line, { path: '', subjects: [], budget: new EvidenceBudget() })
    return line
  } catch (error) {
    // JSON.stringify() goes down as deep as the value does, JSON.parse() does not.
    if (error instanceof LadingError || error instanceof RangeError) return undefined
    throw error
  }
}
