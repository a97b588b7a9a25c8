import type { Descriptor } from '../oci/index.ts'
import type { OperationOptions, Resolver } from './capabilities.ts'
import { NotFoundError } from './errors.ts'

/** What a name points to at a place, or undefined when the place says that there is no such name. */
export async function lookUp(
  place: Resolver,
  name: string,
  options: OperationOptions = {},
): Promise<Descriptor | undefined> {
  try {
    return await place.resolve(name, options)
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}
