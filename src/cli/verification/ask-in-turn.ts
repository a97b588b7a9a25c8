import type { OperationOptions } from '../../content/index.ts'
import type { Evidence } from '../../signing/index.ts'
import type { EvidenceSource } from './evidence-sources.ts'

/**
 * Asks one place after the other and stops at the first with which there is enough.
 *
 * @param isEnough is handed what each place has
 * @throws the first error of a place, unless there is enough without it: without an answer from everywhere there is no "no".
 */
export async function askInTurn(
  sources: readonly EvidenceSource[],
  isEnough: (found: readonly Evidence[]) => Promise<boolean>,
  { signal }: OperationOptions,
): Promise<void> {
  const errors: unknown[] = []
  for (const source of sources) {
    let found: readonly Evidence[]
    try {
      found = await source.find()
    } catch (error) {
      signal?.throwIfAborted()
      errors.push(error)
      continue
    }
    if (await isEnough(found)) return
  }
  if (errors.length > 0) throw errors[0]
}

/** Asks all places, which all have to answer. */
export async function askAll(sources: readonly EvidenceSource[]): Promise<readonly Evidence[]> {
  return (await Promise.all(sources.map((source) => source.find()))).flat()
}
