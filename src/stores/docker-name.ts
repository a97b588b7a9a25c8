import { InvalidReferenceError, parseReference, type Reference, withDefaultTag } from '../oci/index.ts'

/** A name as Docker understands it, `latest` filled in; undefined for a text that is no image reference. */
export function dockerName(name: string): Reference | undefined {
  try {
    return withDefaultTag(parseReference(name))
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined
    throw error
  }
}
