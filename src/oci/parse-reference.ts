import { type Digest, isDigest, parseDigest } from './digest.ts'
import { InvalidDigestError, InvalidReferenceError, quote } from './errors.ts'
import { composeReference, isIdentifier, isTag, type Reference, tagProblem } from './reference.ts'
import { splitDomain } from './split-domain.ts'

const longestPath = 255

const domainPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/

/**
 * Reads an image reference as docker does (distribution/reference, `ParseNormalizedNamed`): `python`,
 * `python:3.12`, `ghcr.io/owner/name:tag@sha256:…`, `localhost:5000/name`, `[::1]:5000/name`. No tag is added.
 *
 * It is stricter in three points: a domain must be one (distribution reads `my_host.com/x` as a name without a domain), a digest
 * must be one that Lading can verify (not sha384), and a digest alone is no name (`sha256` with 64 digits as a tag).
 *
 * @throws {InvalidReferenceError} saying which part is wrong and why, with the nearest right text as a hint where it is obvious.
 */
export function parseReference(text: string): Reference {
  refuseWhatIsNoName(text)
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : readDigest(text, text.slice(at + 1))
  const { domain, remainder } = splitDomain(at < 0 ? text : text.slice(0, at))
  const colon = remainder.indexOf(':')
  const path = colon < 0 ? remainder : remainder.slice(0, colon)
  const tag = colon < 0 ? undefined : remainder.slice(colon + 1)
  checkDomain(text, domain)
  checkPath(text, path)
  if (tag !== undefined && !isTag(tag)) throw new InvalidReferenceError(text, tagProblem(tag))
  return composeReference(domain, path, tag, digest)
}

function refuseWhatIsNoName(text: string): void {
  if (text === '') throw new InvalidReferenceError(text, 'it is empty')
  if (isIdentifier(text)) {
    throw new InvalidReferenceError(
      text,
      '64 hex digits are an identifier, not a name',
      `To name content by its digest, write NAME@sha256:${text}.`,
    )
  }
  if (isDigest(text)) {
    throw new InvalidReferenceError(
      text,
      'a digest alone does not say where the image is',
      `Write NAME@${text}.`,
    )
  }
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0]
  if (url !== undefined) {
    throw new InvalidReferenceError(
      text,
      `a name does not start with ${quote(url)}`,
      nearest(text.slice(url.length)),
    )
  }
  if (/\s/.test(text)) {
    const trimmed = text.trim()
    throw new InvalidReferenceError(
      text,
      'a name holds no blanks',
      /\s/.test(trimmed) ? undefined : nearest(trimmed),
    )
  }
}

function readDigest(text: string, digest: string): Digest {
  try {
    return parseDigest(digest)
  } catch (error) {
    if (!(error instanceof InvalidDigestError)) throw error
    throw new InvalidReferenceError(text, `the digest after "@" is not one: ${error.problem}`, error.hint)
  }
}

function checkDomain(text: string, domain: string): void {
  if (domainPattern.test(domain)) return
  throw new InvalidReferenceError(text, domainProblem(domain))
}

function domainProblem(domain: string): string {
  const shown = quote(domain)
  if (domain === '') return 'the domain before "/" is empty'
  if (domain.startsWith('[') && /%/.test(domain))
    return `the domain ${shown} holds an IPv6 zone, which names cannot`
  if (domain.startsWith('['))
    return `the domain ${shown} is not an IPv6 address in brackets with an optional port`
  if ((domain.match(/:/g)?.length ?? 0) > 1) return `the domain ${shown} is an IPv6 address without brackets`
  const colon = domain.indexOf(':')
  if (colon >= 0 && !/^[0-9]+$/.test(domain.slice(colon + 1)))
    return `the port ${quote(domain.slice(colon + 1))} of the domain is not a number`
  const host = colon < 0 ? domain : domain.slice(0, colon)
  if (host === '') return `the domain ${shown} has no host name before its port`
  const wrong = /[^a-zA-Z0-9.-]/u.exec(host)?.[0]
  if (wrong !== undefined) return `the domain ${shown} holds ${quote(wrong)}, which host names do not`
  return `each part of the domain ${shown} must start and end with a letter or digit`
}

function checkPath(text: string, path: string): void {
  if (path.length > longestPath) {
    throw new InvalidReferenceError(
      text,
      `a repository name has at most ${longestPath} characters, here are ${path.length}`,
    )
  }
  const shown = shownPath(text, path)
  if (path === '' || shown === '') throw new InvalidReferenceError(text, 'there is no repository name')
  if (/[A-Z]/.test(path)) {
    throw new InvalidReferenceError(
      text,
      `repository name must be lowercase: ${quote(shown)}`,
      nearest(lowerPath(text, shown)),
    )
  }
  for (const component of path.split('/')) {
    if (!componentPattern.test(component))
      throw new InvalidReferenceError(text, componentProblem(shown, component))
  }
}

function componentProblem(path: string, component: string): string {
  const where =
    component === path
      ? `the repository name ${quote(path)}`
      : `${quote(component)} in the repository name ${quote(path)}`
  if (component === '') return `the repository name ${quote(path)} has an empty part beside a "/"`
  if (component.startsWith('['))
    return `${where} looks like an IPv6 address, after which "/" and a repository must follow`
  const wrong = /[^a-z0-9._-]/u.exec(component)?.[0]
  if (wrong !== undefined) return `${where} must not hold ${quote(wrong)}`
  if (/^[^a-z0-9]|[^a-z0-9]$/.test(component)) return `${where} must start and end with a letter or digit`
  return `${where} has separators side by side; allowed are ".", "_", "__" and any number of "-"`
}

/** The path as the user wrote it: without the `library/` that was put before it. */
function shownPath(text: string, path: string): string {
  return path.startsWith('library/') && !text.includes('library/') ? path.slice('library/'.length) : path
}

/** The text with its repository in lower case; tag and digest as they are. */
function lowerPath(text: string, path: string): string {
  const start = text.lastIndexOf(path)
  return start < 0 ? text : text.slice(0, start) + path.toLowerCase() + text.slice(start + path.length)
}

/** A hint with a text that is a reference; none where it is not, or is too long to be meant. */
function nearest(text: string): string | undefined {
  if (text.length > 500) return undefined
  try {
    parseReference(text)
    return `Did you mean ${text}?`
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined
    throw error
  }
}
