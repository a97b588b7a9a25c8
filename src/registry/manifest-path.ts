import { NotFoundError } from '../content/index.ts'
import { isDigest, isTag } from '../oci/index.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** Where a manifest is; `name` is a tag or digest. @throws {NotFoundError} when it can be neither. */
export function manifestPath(endpoint: RepositoryEndpoint, name: string): string {
  if (isDigest(name) || isTag(name)) return `manifests/${name}`
  throw new NotFoundError(
    `Cannot use ${JSON.stringify(name.slice(0, 200))} at ${endpoint.display}: it is neither a tag nor a digest`,
  )
}
