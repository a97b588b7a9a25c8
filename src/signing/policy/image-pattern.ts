import { defaultDomain, isTag } from '../../oci/index.ts'
import { InvalidImagePatternError } from '../errors.ts'

/** A pattern over names of images, and perhaps over their tags. Only {@link parseImagePattern} makes one. */
export interface ImagePattern {
  /** As it was written. */
  readonly text: string
  /** The whole name that is meant, domain first, with its wildcards: `docker.io/library/python`, `ghcr.io/astral-sh/**`. */
  readonly name: string
  /** A tag, with its wildcards; undefined: any, and images that have none. */
  readonly tag: string | undefined
}

const maxLength = 512

/**
 * Reads a pattern: a name as docker users write it (`python` is `docker.io/library/python`), in which `*` stands for any text
 * within one component and `**` for any text, also across slashes; perhaps with a tag (`python:3.*`). `**` alone is every image.
 *
 * @throws {InvalidImagePatternError} for a text that can mean no image, or may be meant in two ways.
 */
export function parseImagePattern(text: string): ImagePattern {
  const refuse = (problem: string, hint?: string): never => {
    throw new InvalidImagePatternError(text, problem, hint)
  }
  if (text === '') refuse('it is empty')
  if (text.length > maxLength) refuse(`it has more than ${maxLength} characters`)
  if (text.includes('@'))
    refuse('rules are for names, and a digest is none', 'Write the name, perhaps with its tag.')
  if (text.includes('***')) refuse('* and ** are the only wildcards')
  const { domain, path, tag } = splitPattern(text, refuse)
  const problem = domainProblem(domain) ?? pathProblem(path) ?? tagProblem(tag)
  if (problem !== undefined) refuse(problem)
  return { text, name: path === undefined ? domain : `${domain}/${path}`, tag }
}

interface PatternParts {
  readonly domain: string
  /** Undefined only where the domain is `**`, which is the path too. */
  readonly path: string | undefined
  readonly tag: string | undefined
}

/** docker's rules for names (distribution/reference), as far as a pattern has what they look at. */
function splitPattern(text: string, refuse: (problem: string, hint?: string) => never): PatternParts {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const isAnywhere = first === '**'
  const hasDomain = isAnywhere || first === 'localhost' || /[.:]/.test(first) || /[A-Z]/.test(first)
  const rest = hasDomain ? text.slice(slash + 1) : text
  const colon = rest.indexOf(':')
  const path = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? undefined : rest.slice(colon + 1)
  if (!hasDomain && path === '**') return { domain: '**', path: undefined, tag }
  if (!hasDomain && path.startsWith('*'))
    refuse(
      'it is not clear whether it begins with a registry',
      "Write '**' for every image, or begin with the registry: 'docker.io/library/*', '**/app'.",
    )
  const domain = (hasDomain ? first : defaultDomain)
    .toLowerCase()
    .replace(/^index\.docker\.io$/, defaultDomain)
  const isOfficial = domain === defaultDomain && !path.includes('/') && !path.includes('**')
  return { domain, path: isOfficial ? `library/${path}` : path, tag }
}

function domainProblem(domain: string): string | undefined {
  if (domain === '**') return undefined
  if (domain.includes('**')) return '** in the registry would let its name go on as another one'
  return /^(?:[a-z0-9.*-]+|\[[0-9a-f:]+\])(?::[0-9]+)?$/.test(domain)
    ? undefined
    : `${JSON.stringify(domain)} is no name of a registry`
}

function pathProblem(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  if (/[A-Z]/.test(path)) return 'names of repositories are lower-case'
  if (path === '' || /^\/|\/$|\/\//.test(path)) return 'a name has no empty component'
  return /^[a-z0-9._*/-]+$/.test(path)
    ? undefined
    : 'a name has lower-case letters, digits, ".", "_", "-" and "/", and * and ** are the only wildcards'
}

function tagProblem(tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined
  return isTag(tag.replaceAll('*', 'x')) && !tag.includes('**')
    ? undefined
    : `${JSON.stringify(tag)} is neither a tag nor a pattern of tags`
}
