import { UsageError } from '../errors/index.ts'
import { type Location, parseLocation, type RegistryLocation } from '../images/index.ts'
import type { CliContext } from './context.ts'

/**
 * The repository that keeps an image's signatures, where it is not the image's own: the flag `--repository`, or for an
 * image of a registry `COSIGN_REPOSITORY`, as cosign has it.
 *
 * @throws {UsageError} it is not the name of a repository.
 */
export function signatureRepository(
  { environment }: Pick<CliContext, 'environment'>,
  flag: string | undefined,
  location: Location,
): RegistryLocation | undefined {
  const fromEnvironment = location.kind === 'registry' ? environment['COSIGN_REPOSITORY'] : undefined
  const name = flag ?? (fromEnvironment === '' ? undefined : fromEnvironment)
  if (name === undefined) return undefined
  const parsed = parseLocation(name, { wholeRepository: true })
  if (
    parsed.kind === 'registry' &&
    parsed.reference.tag === undefined &&
    parsed.reference.digest === undefined
  )
    return parsed
  throw new UsageError(`Cannot take ${name} for signatures: it is not the name of a repository`)
}
