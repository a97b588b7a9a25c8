import { ProtocolError } from './protocol-error.ts'

declare const repositoryNameBrand: unique symbol

/** The name of a repository in this registry, without a host, checked: `team/app`. */
export type RepositoryName = string & { readonly [repositoryNameBrand]: true }

/** Longest name that is taken; clients count the host in their own limit of 255. */
const maxNameLength = 255

const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/

/** Says whether `text` is a repository's name by the grammar of the distribution specification. */
export function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= maxNameLength && namePattern.test(text)
}

/**
 * Reads a repository's name.
 *
 * @throws {ProtocolError} NAME_INVALID.
 */
export function parseRepositoryName(text: string): RepositoryName {
  if (isRepositoryName(text)) return text
  throw new ProtocolError('NAME_INVALID', 'not a repository name: lower-case components with / between them')
}
