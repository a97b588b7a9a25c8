import { UsageError } from '../../errors/index.ts'
import type { Location } from '../../images/index.ts'
import { isDigest, parseReference, type Reference } from '../../oci/index.ts'

/**
 * The name by which the rule for an image is found: the one that is given, else the image's own at its registry or in its archive.
 *
 * @param as the name that is given
 * @throws {UsageError} for a place whose images have no names.
 */
export function namedReference(location: Location, as: string | undefined): Reference {
  if (as !== undefined) return parseReference(as)
  if (location.kind === 'registry') return location.reference
  const { name } = location
  // A layout's tag may be a whole name, and is one for certain only with a slash.
  const isName =
    name !== undefined &&
    (location.kind === 'docker-daemon' || location.kind === 'docker-archive'
      ? !isDigest(name)
      : name.includes('/'))
  if (isName) return parseReference(name)
  throw new UsageError(`Cannot find the rule for ${location.text}: rules are for names, and it has none`, {
    hint: 'Say whose rule holds: --as NAME',
  })
}
