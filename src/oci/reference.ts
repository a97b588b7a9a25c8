import type { Digest } from './digest.ts'
import { InvalidReferenceError } from './errors.ts'
import { defaultDomain, splitDomain } from './split-domain.ts'

/**
 * Names an image at a registry, checked and normalised as docker does it. Only {@link parseReference} and the
 * functions here make one. It has a tag, a digest, both, or neither; where both are there the digest decides.
 */
export interface Reference {
  /** The registry as names carry it, with its port: `docker.io`, `[::1]:5000`. */
  readonly domain: string
  /** The repository at the registry: `library/python`. */
  readonly path: string
  /** Domain and path: `docker.io/library/python`. */
  readonly name: string
  /** The shortest text that is read back as the same name: `python`. */
  readonly familiarName: string
  readonly tag?: string
  readonly digest?: Digest
  /** Name, tag and digest in full: `docker.io/library/python:3.12@sha256:…`. */
  readonly canonical: string
  /** The same on the familiar name: `python:3.12@sha256:…`. */
  readonly familiar: string
}

/** The tag that is meant where there is neither tag nor digest. */
export const defaultTag = 'latest'

const tagPattern = /^\w[\w.-]{0,127}$/
const identifierPattern = /^[a-f0-9]{64}$/

/** Says whether a text can be a tag: at most 128 letters, digits, `_`, `.` and `-`, of which `.` and `-` do not come first. */
export function isTag(text: string): boolean {
  return tagPattern.test(text)
}

/** Says whether a text is 64 lower-case hex digits: docker reads one as the identifier of an image, never as a name. */
export function isIdentifier(text: string): boolean {
  return identifierPattern.test(text)
}

/** Puts a reference together from parts that have been checked. Not for outside this folder. */
export function composeReference(
  domain: string,
  path: string,
  tag: string | undefined,
  digest: Digest | undefined,
): Reference {
  const name = `${domain}/${path}`
  const familiarName = shorten(domain, path)
  const suffix = (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
  return {
    domain,
    path,
    name,
    familiarName,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    canonical: name + suffix,
    familiar: familiarName + suffix,
  }
}

/**
 * The same reference with another tag; a digest stays.
 *
 * @throws {InvalidReferenceError} when `tag` cannot be one.
 */
export function withTag(reference: Reference, tag: string): Reference {
  if (!isTag(tag)) throw new InvalidReferenceError(`${reference.familiarName}:${tag}`, tagProblem(tag))
  return composeReference(reference.domain, reference.path, tag, reference.digest)
}

/** The same reference with another digest; a tag stays. */
export function withDigest(reference: Reference, digest: Digest): Reference {
  return composeReference(reference.domain, reference.path, reference.tag, digest)
}

/** The reference with the tag `latest` where it has neither tag nor digest, else as it is. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference
  return composeReference(reference.domain, reference.path, defaultTag, undefined)
}

/** The reference by its digest alone. */
export function withoutTag(reference: Reference): Reference {
  return composeReference(reference.domain, reference.path, undefined, reference.digest)
}

/** The reference by its tag alone. */
export function withoutDigest(reference: Reference): Reference {
  return composeReference(reference.domain, reference.path, reference.tag, undefined)
}

/** The name alone. */
export function nameOnly(reference: Reference): Reference {
  return composeReference(reference.domain, reference.path, undefined, undefined)
}

/** Why a text is not a tag. */
export function tagProblem(text: string): string {
  if (text === '') return 'the tag after ":" is empty'
  if (text.length > 128) return `a tag has at most 128 characters, here are ${text.length}`
  if (/^[.-]/.test(text)) return `a tag must not start with ${JSON.stringify(text.charAt(0))}`
  const wrong = /[^\w.-]/u.exec(text)
  return `a tag must not hold ${JSON.stringify(wrong?.[0] ?? text)}`
}

/**
 * Docker shortens every name at Docker Hub. Here a name stays whole where its short form would be read as another
 * one (`docker.io/example.com/x`, a name of 64 hex digits), so that what is shown can be pasted.
 */
function shorten(domain: string, path: string): string {
  const name = `${domain}/${path}`
  if (domain !== defaultDomain) return name
  const official = /^library\/([^/]+)$/.exec(path)?.[1]
  const short = official ?? path
  if (isIdentifier(short)) return name
  const back = splitDomain(short)
  return back.domain === domain && back.remainder === path ? short : name
}
