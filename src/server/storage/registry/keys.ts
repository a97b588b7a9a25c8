import { type Digest, isDigest, isTag } from '../../../oci/index.ts'
import { isRepositoryName, type RepositoryName } from '../../repository-name.ts'

/** What a queue entry names: a manifest or blob of a repository, or a content that repositories share. */
export type QueueSubject =
  | { readonly kind: 'manifest' | 'blob'; readonly repository: RepositoryName; readonly digest: Digest }
  | { readonly kind: 'content'; readonly digest: Digest }

/** A key of the registry's layout, read. Names hold no `:` and no `@`, so these end them. */
export type RegistryKey =
  | { readonly in: 'repositories'; readonly repository: RepositoryName }
  | { readonly in: 'tags'; readonly repository: RepositoryName; readonly tag: string }
  | { readonly in: 'manifests' | 'blobs'; readonly repository: RepositoryName; readonly digest: Digest }
  | {
      readonly in: 'tagsof'
      readonly repository: RepositoryName
      readonly digest: Digest
      readonly tag: string
    }
  | {
      readonly in: 'uses' | 'referrers'
      readonly repository: RepositoryName
      /** The content that is named; in `referrers` the subject. */
      readonly digest: Digest
      /** The manifest that names it. */
      readonly by: Digest
    }
  | { readonly in: 'holders'; readonly digest: Digest; readonly repository: RepositoryName }
  | { readonly in: 'content'; readonly digest: Digest }
  | { readonly in: 'uploads'; readonly repository: RepositoryName; readonly id: string }
  | {
      readonly in: 'queue'
      /** Milliseconds since the epoch. */ readonly due: number
      readonly subject: QueueSubject
    }

/** The first part of the keys of this layout. */
export type KeySpace = RegistryKey['in']

/** `repositories/<repo>`: that a repository is there. */
export function repositoryKey(repository: RepositoryName): string {
  return `repositories/${repository}`
}

/** `tags/<repo>:<tag>`. */
export function tagKey(repository: RepositoryName, tag: string): string {
  return `tags/${repository}:${tag}`
}

/** `manifests/<repo>@<digest>`: a manifest with its bytes. */
export function manifestKey(repository: RepositoryName, digest: Digest): string {
  return `manifests/${repository}@${digest}`
}

/** `tagsof/<repo>@<digest>:<tag>`: that a tag names a manifest. */
export function tagOfKey(repository: RepositoryName, digest: Digest, tag: string): string {
  return `tagsof/${repository}@${digest}:${tag}`
}

/** `uses/<repo>@<content>/<manifest>`: that a manifest of the repository names a blob or another manifest. */
export function useKey(repository: RepositoryName, content: Digest, manifest: Digest): string {
  return `uses/${repository}@${content}/${manifest}`
}

/** `referrers/<repo>@<subject>/<manifest>`: the descriptor that the referrers API lists. */
export function referrerKey(repository: RepositoryName, subject: Digest, manifest: Digest): string {
  return `referrers/${repository}@${subject}/${manifest}`
}

/** `blobs/<repo>@<digest>`: that a repository has a blob. */
export function blobKey(repository: RepositoryName, digest: Digest): string {
  return `blobs/${repository}@${digest}`
}

/** `holders/<digest>/<repo>`: that a content is a blob of a repository. */
export function holderKey(digest: Digest, repository: RepositoryName): string {
  return `holders/${digest}/${repository}`
}

/** `content/<digest>`: the one stored copy that all repositories share. */
export function contentKey(digest: Digest): string {
  return `content/${digest}`
}

/** `uploads/<repo>:<id>`: an upload that has begun. */
export function uploadKey(repository: RepositoryName, id: string): string {
  return `uploads/${repository}:${id}`
}

/** `queue/<13-digit ms when due>/<kind>/…`: what may not be needed any more, and when to look at it. */
export function queueKey(due: number, subject: QueueSubject): string {
  const name = subject.kind === 'content' ? subject.digest : `${subject.repository}@${subject.digest}`
  return `queue/${sortableTime(due)}/${subject.kind}/${name}`
}

/** A time in milliseconds as queue keys have it: 13 digits, which order as times do until the year 2286. */
export function sortableTime(time: number): string {
  return String(Math.min(Math.max(Math.trunc(time), 0), 9_999_999_999_999)).padStart(13, '0')
}

/** What the keys of listings begin with, and what follows is the member's name. */
export const prefixes: {
  readonly all: (space: KeySpace) => string
  readonly tags: (repository: RepositoryName) => string
  readonly manifests: (repository: RepositoryName) => string
  readonly blobs: (repository: RepositoryName) => string
  readonly uploads: (repository: RepositoryName) => string
  readonly tagsOf: (repository: RepositoryName, digest: Digest) => string
  readonly uses: (repository: RepositoryName, content: Digest) => string
  readonly referrers: (repository: RepositoryName, subject: Digest) => string
  readonly holders: (digest: Digest) => string
} = {
  all: (space) => `${space}/`,
  tags: (repository) => `tags/${repository}:`,
  manifests: (repository) => `manifests/${repository}@`,
  blobs: (repository) => `blobs/${repository}@`,
  uploads: (repository) => `uploads/${repository}:`,
  tagsOf: (repository, digest) => `tagsof/${repository}@${digest}:`,
  uses: (repository, content) => `uses/${repository}@${content}/`,
  referrers: (repository, subject) => `referrers/${repository}@${subject}/`,
  holders: (digest) => `holders/${digest}/`,
}

/** Reads a key; undefined when it is none of this layout. */
export function parseKey(key: string): RegistryKey | undefined {
  const slash = key.indexOf('/')
  const space = key.slice(0, slash)
  const rest = key.slice(slash + 1)
  switch (space) {
    case 'repositories':
      return isRepositoryName(rest) ? { in: space, repository: rest } : undefined
    case 'tags':
      return readTag(rest)
    case 'manifests':
    case 'blobs':
      return readMember(space, rest)
    case 'tagsof':
      return readTagOf(rest)
    case 'uses':
    case 'referrers':
      return readEdge(space, rest)
    case 'holders':
      return readHolder(rest)
    case 'content':
      return isDigest(rest) ? { in: space, digest: rest } : undefined
    case 'uploads':
      return readUpload(rest)
    case 'queue':
      return readQueue(rest)
    default:
      return undefined
  }
}

function readTag(text: string): RegistryKey | undefined {
  const [repository, tag] = cut(text, ':')
  return isRepositoryName(repository) && isTag(tag) ? { in: 'tags', repository, tag } : undefined
}

function readMember(space: 'manifests' | 'blobs', text: string): RegistryKey | undefined {
  const [repository, digest] = cut(text, '@')
  return isRepositoryName(repository) && isDigest(digest) ? { in: space, repository, digest } : undefined
}

function readTagOf(text: string): RegistryKey | undefined {
  const [repository, rest] = cut(text, '@')
  const colon = rest.lastIndexOf(':')
  const digest = rest.slice(0, Math.max(colon, 0))
  const tag = rest.slice(colon + 1)
  if (!isRepositoryName(repository) || !isDigest(digest) || !isTag(tag)) return undefined
  return { in: 'tagsof', repository, digest, tag }
}

function readEdge(space: 'uses' | 'referrers', text: string): RegistryKey | undefined {
  const [repository, rest] = cut(text, '@')
  const [digest, by] = cut(rest, '/')
  if (!isRepositoryName(repository) || !isDigest(digest) || !isDigest(by)) return undefined
  return { in: space, repository, digest, by }
}

function readHolder(text: string): RegistryKey | undefined {
  const [digest, repository] = cut(text, '/')
  return isDigest(digest) && isRepositoryName(repository) ? { in: 'holders', digest, repository } : undefined
}

function readUpload(text: string): RegistryKey | undefined {
  const [repository, id] = cut(text, ':')
  return isRepositoryName(repository) && isUploadId(id) ? { in: 'uploads', repository, id } : undefined
}

function readQueue(text: string): RegistryKey | undefined {
  const [time, rest] = cut(text, '/')
  const [kind, name] = cut(rest, '/')
  if (!/^\d{13}$/.test(time)) return undefined
  const due = Number(time)
  if (kind === 'content')
    return isDigest(name) ? { in: 'queue', due, subject: { kind, digest: name } } : undefined
  if (kind !== 'manifest' && kind !== 'blob') return undefined
  const [repository, digest] = cut(name, '@')
  if (!isRepositoryName(repository) || !isDigest(digest)) return undefined
  return { in: 'queue', due, subject: { kind, repository, digest } }
}

/** Says whether a text can be an upload's identifier: a random UUID, as they are made here. */
export function isUploadId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
}

/** The text before and behind the first `mark`; where there is none, all of it and nothing. */
function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
