import type { Digest } from '../../oci/index.ts'
import type { RepositoryName } from '../repository-name.ts'
import { parseKey, prefixes } from '../storage/registry/keys.ts'
import type { Harm, Hurts } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

/** Of more repositories, or of more manifests and tags in one, it is only said that there are more. */
const maxNamed = 1000

/** Says whom it hurts when a content is damaged: whoever needs it in any repository that has it. */
export async function findHarmOfContent(context: FsckContext, digest: Digest): Promise<Hurts> {
  const prefix = prefixes.holders(digest)
  const keys = await context.records.listKeys({ prefix, limit: maxNamed })
  const hurts: Harm[] = []
  let hurtsMore = keys.length === maxNamed
  for (const each of keys) {
    const key = parseKey(each)
    if (key?.in !== 'holders') continue
    const found = await findHarm(context, key.repository, { content: digest })
    hurts.push(...found.hurts)
    hurtsMore ||= found.hurtsMore
  }
  return { hurts, hurtsMore }
}

/**
 * Says whom it hurts when a repository lacks a content or a manifest: the manifests that name it, the indexes that name
 * those, and so on, with their tags. Empty where nobody names it.
 */
export async function findHarm(
  context: FsckContext,
  repository: RepositoryName,
  damaged: { readonly content: Digest } | { readonly manifest: Digest },
): Promise<Hurts> {
  const manifests = new Set<Digest>('manifest' in damaged ? [damaged.manifest] : [])
  const tags = new Set<string>()
  const named = 'manifest' in damaged ? damaged.manifest : damaged.content
  const waiting: Digest[] = [named]
  let hurtsMore = false
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const users = await usersOf(context, repository, next)
    if (manifests.has(next)) for (const tag of await tagsOf(context, repository, next)) tags.add(tag)
    for (const user of users) {
      if (manifests.has(user)) continue
      if (manifests.size >= maxNamed) {
        hurtsMore = true
        break
      }
      manifests.add(user)
      waiting.push(user)
    }
    hurtsMore ||= users.length >= maxNamed || tags.size >= maxNamed
  }
  if (manifests.size === 0) return { hurts: [], hurtsMore }
  return { hurts: [{ repository, manifests: [...manifests], tags: [...tags].toSorted() }], hurtsMore }
}

async function usersOf(
  { records }: FsckContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<readonly Digest[]> {
  const keys = await records.listKeys({ prefix: prefixes.uses(repository, digest), limit: maxNamed })
  return keys.flatMap((each) => {
    const key = parseKey(each)
    return key?.in === 'uses' ? [key.by] : []
  })
}

async function tagsOf(
  { records }: FsckContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<readonly string[]> {
  const keys = await records.listKeys({ prefix: prefixes.tagsOf(repository, digest), limit: maxNamed })
  return keys.flatMap((each) => {
    const key = parseKey(each)
    return key?.in === 'tagsof' ? [key.tag] : []
  })
}
