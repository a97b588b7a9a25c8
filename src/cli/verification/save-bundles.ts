import { writeFileAtomically } from '../../files/index.ts'
import type { Evidence } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { count } from '../render/count.ts'

/** Writes the bundles that were found as JSON lines, whole or not at all; says what has no form as a bundle and was left out. */
export async function saveBundles(
  { output, signal }: CliContext,
  path: string,
  found: readonly Evidence[],
): Promise<void> {
  const bundles = found.flatMap(({ content }) => (content.kind === 'bundle' ? [content.bundle] : []))
  await writeFileAtomically(path, bundles.map((bundle) => `${JSON.stringify(bundle)}\n`).join(''), { signal })
  const left = found.length - bundles.length
  if (left > 0)
    output.warn(
      `${count(left, 'signature')} ${left === 1 ? 'is' : 'are'} not in ${path}: cosign's older signatures have no form as a bundle, and what is unreadable has none either`,
    )
}
