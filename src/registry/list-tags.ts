import * as v from 'valibot'
import { LimitExceededError, type OperationOptions, UnavailableError } from '../content/index.ts'
import { isTag } from '../oci/index.ts'
import { nextPage } from './next-page.ts'
import { parseJsonBody } from './parse-json-body.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

const TagList = v.object({ tags: v.nullish(v.array(v.string())) })
/** ECR refuses more (go-containerregistry#1091). */
const pageSize = 1000
const mostPages = 10_000
const mostTags = 1_000_000
const largestPage = 32 * 1024 * 1024

/**
 * Lists a repository's tags, page by page. Names that cannot be tags are left out.
 *
 * @throws {NotFoundError} when there is no such repository.
 */
export async function* listTags(
  endpoint: RepositoryEndpoint,
  options: OperationOptions,
): AsyncGenerator<string, void> {
  const doing = `list the tags of ${endpoint.display}`
  const visited = new Set<string>()
  let count = 0
  let to: string | URL | undefined = `tags/list?n=${pageSize}`
  while (to !== undefined) {
    const { response, bytes } = await endpoint.read({ doing, to, signal: options.signal }, largestPage)
    const page = parseJsonBody(bytes, TagList, `tags of ${endpoint.display}`)
    const tags = (page.tags ?? []).filter(isTag)
    count += tags.length
    if (count > mostTags)
      throw new LimitExceededError(`Cannot ${doing}: there are more than ${mostTags} tags`)
    yield* tags

    const next = nextPage(response, `tags of ${endpoint.display}`)
    if (next !== undefined && visited.has(next.href)) {
      throw new UnavailableError(`Cannot ${doing}: the registry's pages go in a circle`)
    }
    if (next !== undefined) visited.add(next.href)
    if (visited.size === mostPages)
      throw new LimitExceededError(`Cannot ${doing}: there are more than ${mostPages} pages`)
    to = next
  }
}
