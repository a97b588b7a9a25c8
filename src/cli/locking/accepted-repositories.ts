import { UsageError } from '../../errors/index.ts'
import { type ImageUse, repositoryOf } from '../../lock/index.ts'
import { parseReference } from '../../oci/index.ts'

/** The repositories of `--accept-signer`, as people name them. @throws {UsageError} for one that the project does not use. */
export function acceptedRepositories(
  names: readonly string[],
  images: readonly ImageUse[],
): ReadonlySet<string> {
  const used = new Set(images.map(({ reference }) => repositoryOf(reference)))
  return new Set(
    names.map((name) => {
      const repository = repositoryOf(parseReference(name))
      if (used.has(repository)) return repository
      throw new UsageError(`Cannot accept who signs ${name}: the project uses no image of that repository`)
    }),
  )
}
