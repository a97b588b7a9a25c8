import { createBlobs } from './blobs.ts'
import { createManifests } from './manifests.ts'
import { createReferrers } from './referrers.ts'
import type { RegistryStorage } from './registry-storage.ts'
import { createRepositories } from './repositories.ts'
import type { StorageContext } from './storage-context.ts'
import { createTags } from './tags.ts'
import { createUploads } from './uploads.ts'

/** A registry's content over a blob store and a record store; the layout of their keys is in `keys.ts`. */
export function createRegistryStorage(context: StorageContext): RegistryStorage {
  return {
    repositories: createRepositories(context),
    tags: createTags(context),
    manifests: createManifests(context),
    referrers: createReferrers(context),
    blobs: createBlobs(context),
    uploads: createUploads(context),
  }
}
