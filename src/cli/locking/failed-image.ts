import { NotFoundError } from '../../content/index.ts'
import { LadingError } from '../../errors/index.ts'
import type { ImageUse, LockResult } from '../../lock/index.ts'
import { nameOnly } from '../../oci/index.ts'
import { count } from '../render/count.ts'
import { safeText } from '../render/safe-text.ts'

/** An image that could not be told about, with the place that names it, and what to do about it. What is no error of ours stays as it is. */
export function failedImage(
  { error, image }: LockResult['failures'][number],
  uses: readonly ImageUse[],
): unknown {
  const use = uses.find(({ key }) => key === image)
  const [first, ...others] = use?.occurrences ?? []
  if (!(error instanceof LadingError) || use === undefined || first === undefined) return error
  const place = `${first.file}:${first.range.line}:${first.range.column}`
  const places = others.length === 0 ? place : `${place} and ${count(others.length, 'other place')}`
  const hint =
    error.hint ??
    (error instanceof NotFoundError
      ? `Correct ${place}; what tags there are: lading tags ${nameOnly(use.reference).canonical}`
      : 'Run the same again: what was learnt is kept.')
  return new LadingError(error.code, safeText(`${error.message}; named in ${places}`), {
    hint: safeText(hint),
    cause: error,
  })
}
