import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import { answerJson } from './answer.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import type { PageQuery } from './protocol-route.ts'

/** The most entries of an answer, whatever `n` says; who wants more follows `Link`. */
const maxPageEntries = 10_000

/** `GET /v2/<name>/tags/list`, in byte order. */
export async function listTags(
  { storage }: ProtocolSettings,
  { request, response, trace }: ProtocolCall,
  { repository, page }: { readonly repository: RepositoryName; readonly page: PageQuery },
): Promise<void> {
  const limit = limitOf(page)
  // One more than wanted tells whether there is a next page.
  const found = await storage.tags.list(repository, {
    after: page.after,
    limit: limit + 1,
    signal: trace.signal,
  })
  if (found.length === 0 && !(await storage.repositories.exists(repository)))
    throw new ProtocolError('NAME_UNKNOWN', 'there is no such repository')
  const tags = found.slice(0, limit)
  const next = nextPage(`/v2/${repository}/tags/list`, limit, found.length > limit ? tags.at(-1) : undefined)
  return answerJson(request, response, 200, next, { name: repository, tags })
}

/** `GET /v2/_catalog`, in byte order: the repositories that the caller may list, and no word of others. */
export async function listRepositories(
  settings: ProtocolSettings,
  call: ProtocolCall,
  { page }: { readonly page: PageQuery },
): Promise<void> {
  if (!settings.catalog)
    throw new ProtocolError('UNSUPPORTED', 'this registry serves no catalogue', { status: 404 })
  const challenge = call.challengeForMore([{ action: 'list' }])
  if (challenge !== undefined) throw challenge
  const limit = limitOf(page)
  const found = limit === 0 ? [] : await visibleRepositories(settings, call, page.after, limit + 1)
  const repositories = found.slice(0, limit)
  const next = nextPage('/v2/_catalog', limit, found.length > limit ? repositories.at(-1) : undefined)
  return answerJson(call.request, call.response, 200, next, { repositories })
}

async function visibleRepositories(
  { storage }: ProtocolSettings,
  { identity, trace }: ProtocolCall,
  after: string | undefined,
  wanted: number,
): Promise<readonly RepositoryName[]> {
  const visible: RepositoryName[] = []
  for (let last = after; ;) {
    const limit = Math.min(Math.max(wanted - visible.length, 100), 1000)
    const page = await storage.repositories.list({ after: last, limit, signal: trace.signal })
    for (const name of page) if (identity.mayList(name)) visible.push(name)
    if (page.length < limit || visible.length >= wanted) return visible.slice(0, wanted)
    last = page.at(-1)
  }
}

function limitOf({ limit }: PageQuery): number {
  return Math.min(limit ?? maxPageEntries, maxPageEntries)
}

/** The `Link` to the page after an entry (RFC 8288); none where there is no such page. */
function nextPage(path: string, limit: number, last: string | undefined): readonly string[] {
  if (last === undefined) return []
  return ['Link', `<${path}?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"`]
}
