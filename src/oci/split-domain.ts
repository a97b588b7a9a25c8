/** Docker Hub, the registry that a name without a domain is looked up at. */
export const defaultDomain = 'docker.io'

const legacyDefaultDomain = 'index.docker.io'
const officialPrefix = 'library/'

/**
 * Splits a name, as users write it, into domain and the rest, by docker's rules: what stands before the first `/`
 * is a domain when it holds a dot, a colon or an upper-case letter, or is `localhost`; everything else is at
 * Docker Hub, where a name without a `/` is under `library/`. Checks neither part.
 */
export function splitDomain(name: string): { readonly domain: string; readonly remainder: string } {
  const slash = name.indexOf('/')
  if (slash < 0) return { domain: defaultDomain, remainder: officialPrefix + name }
  const first = name.slice(0, slash)
  if (!isDomain(first)) return { domain: defaultDomain, remainder: name }
  const remainder = name.slice(slash + 1)
  if (first !== defaultDomain && first !== legacyDefaultDomain) return { domain: first, remainder }
  return {
    domain: defaultDomain,
    remainder: remainder.includes('/') ? remainder : officialPrefix + remainder,
  }
}

function isDomain(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
}
