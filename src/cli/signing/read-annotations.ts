import { UsageError } from '../../errors/index.ts'

const mostAnnotations = 100
const longestAnnotation = 4096

/** Reads `KEY=VALUE` words. @throws {UsageError} one has no `=`, no key, or a key that another has. */
export function readAnnotations(words: readonly string[]): Readonly<Record<string, string>> {
  if (words.length > mostAnnotations)
    throw new UsageError(`Cannot take more than ${mostAnnotations} annotations`)
  const annotations = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) throw new UsageError(`Cannot take ${JSON.stringify(word)} as an annotation: write KEY=VALUE`)
    const key = word.slice(0, at)
    if (annotations.has(key)) throw new UsageError(`Cannot take two annotations ${JSON.stringify(key)}`)
    if (word.length > longestAnnotation)
      throw new UsageError(`Cannot take the annotation ${JSON.stringify(key)}: it is too long`)
    annotations.set(key, word.slice(at + 1))
  }
  return Object.fromEntries(annotations)
}
