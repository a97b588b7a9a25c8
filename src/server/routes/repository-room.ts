import type { RepositoryName } from '../repository-name.ts'
import type { ProtocolSettings } from './protocol-call.ts'

/**
 * How many bytes a repository may still take: `Infinity` without a bound. Pushes that run at the same time each see
 * what was there before them, so a bound may be passed by what they bring together.
 */
export async function roomIn(settings: ProtocolSettings, repository: RepositoryName): Promise<number> {
  const { maxRepositoryBytes, storage } = settings
  if (maxRepositoryBytes === undefined) return Infinity
  return Math.max(0, maxRepositoryBytes - (await storage.repositories.usage(repository)))
}
