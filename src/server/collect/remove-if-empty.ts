import type { RepositoryName } from '../repository-name.ts'
import { prefixes, repositoryKey } from '../storage/registry/keys.ts'
import type { CollectContext } from './collect-context.ts'

/** Removes the record of a repository that holds nothing any more; what is being pushed to it keeps it. */
export async function removeIfEmpty(context: CollectContext, repository: RepositoryName): Promise<void> {
  const { records, counts } = context
  const record = await records.get(repositoryKey(repository))
  if (record === undefined || !(await isEmpty(context, repository))) return
  const { key, version, value } = record
  const { done } = await records.write([{ kind: 'delete', key, expected: version }], { durable: false })
  if (!done) return
  counts.repositories += 1
  // A push writes its content first and then holds this record to be there: it failed, or its content is seen now.
  if (await isEmpty(context, repository)) return
  await records.write([{ kind: 'put', key, value, expected: null }], { durable: false })
  counts.repositories -= 1
}

async function isEmpty({ records }: CollectContext, repository: RepositoryName): Promise<boolean> {
  for (const prefix of [
    prefixes.manifests(repository),
    prefixes.blobs(repository),
    prefixes.tags(repository),
    prefixes.uploads(repository),
  ]) {
    if ((await records.listKeys({ prefix, limit: 1 })).length > 0) return false
  }
  return true
}
