import { NotFoundError } from '../content/index.ts'
import { HttpConnectionError } from '../http/index.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** The mirrors that could not be reached: not asked again by this client. */
export type UnreachableMirrors = Set<string>

/**
 * Reads from the first mirror that can answer, else from the registry. Whatever is wrong with a mirror (it has it
 * not, fails, limits the rate, or gives other bytes than the digest) is the registry's to make good.
 */
export async function readFirst<Result>(
  mirrors: readonly RepositoryEndpoint[],
  endpoint: RepositoryEndpoint,
  unreachable: UnreachableMirrors,
  signal: AbortSignal | undefined,
  read: (endpoint: RepositoryEndpoint) => Promise<Result>,
): Promise<Result> {
  for (const mirror of mirrors) {
    if (unreachable.has(mirror.host.name)) continue
    try {
      return await read(mirror)
    } catch (error) {
      signal?.throwIfAborted()
      const notReached =
        !(error instanceof NotFoundError) &&
        error instanceof Error &&
        error.cause instanceof HttpConnectionError
      if (notReached) unreachable.add(mirror.host.name)
    }
  }
  return read(endpoint)
}
